package dev.akvavit.core;

import org.jspecify.annotations.Nullable;

/**
 * {@code [rows, heads, dim]}: a strided view of activations or of cached rows; offsets and strides
 * count elements.
 *
 * <p>Three dimensions, always. No broadcasting, no reshaping, no autograd; views are made when a
 * model is built, never inside a step. Row {@code i} of the view is row {@code extent.first() + i}
 * of the buffer.
 *
 * <p>Of a quantised type offset, strides and width are whole blocks.
 *
 * @param dim elements of a head, those of the tail included
 * @param tail cached rows only: where each row's last {@code tail.dim()} elements lie, in a plane
 *     of their own; null when all lie together
 */
public record Tensor(
    Buffer buffer,
    DType dtype,
    Extent extent,
    long offset,
    int rowStride,
    int heads,
    int headStride,
    int dim,
    @Nullable Tensor tail) {

  /** Rows that lie together. */
  public Tensor(
      Buffer buffer,
      DType dtype,
      Extent extent,
      long offset,
      int rowStride,
      int heads,
      int headStride,
      int dim) {
    this(buffer, dtype, extent, offset, rowStride, heads, headStride, dim, null);
  }

  public int rows() {
    return extent.rows();
  }

  /**
   * Element index of {@code (row, head, 0)}, where {@code row} counts from the extent's first row.
   */
  public long at(int row, int head) {
    return offset + (long) (extent.first() + row) * rowStride + (long) head * headStride;
  }

  /** Elements of a head that lie in this buffer. */
  public int ownDim() {
    return tail == null ? dim : dim - tail.dim;
  }

  /** Cached rows that go on in another plane: {@code [slots, heads, dim + more.dim()]}. */
  public Tensor then(Tensor more) {
    if (tail != null || more.tail != null || more.heads != heads) {
      throw new IllegalArgumentException(
          "rows of " + heads + " heads cannot go on in rows of " + more.heads + ", or twice");
    }
    return new Tensor(
        buffer, dtype, extent, offset, rowStride, heads, headStride, dim + more.dim, more);
  }

  /** The same columns of every head: {@code q.slice(128, 64)} is the rotary part of {@code q}. */
  public Tensor slice(int from, int width) {
    if (from < 0 || width <= 0 || from + width > ownDim()) {
      throw new IllegalArgumentException(
          "columns " + from + ".." + (from + width) + " of " + ownDim());
    }
    if (from % dtype.blockElements() != 0 || width % dtype.blockElements() != 0) {
      throw new IllegalArgumentException(
          "columns " + from + ".." + (from + width) + " cut blocks of " + dtype);
    }
    return new Tensor(buffer, dtype, extent, offset + from, rowStride, heads, headStride, width);
  }

  /** Heads {@code from .. from + count}: the keys of a fused {@code [q | k | v]} row, say. */
  public Tensor heads(int from, int count) {
    if (tail != null || from < 0 || count <= 0 || from + count > heads) {
      throw new IllegalArgumentException("heads " + from + ".." + (from + count) + " of " + heads);
    }
    return new Tensor(
        buffer,
        dtype,
        extent,
        offset + (long) from * headStride,
        rowStride,
        count,
        headStride,
        dim);
  }

  /** The same bytes seen through another row range. */
  public Tensor on(Extent other) {
    return new Tensor(buffer, dtype, other, offset, rowStride, heads, headStride, dim, tail);
  }
}
