package dev.akvavit.core;

/**
 * {@code [rows, heads, dim]}: a strided view of activations or of cached rows; offsets and strides
 * count elements.
 *
 * <p>Three dimensions, always. No broadcasting, no reshaping, no autograd; views are made when a
 * model is built, never inside a step. Row {@code i} of the view is row {@code extent.first() + i}
 * of the buffer.
 */
public record Tensor(
    Buffer buffer,
    DType dtype,
    Extent extent,
    long offset,
    int rowStride,
    int heads,
    int headStride,
    int dim) {

  public int rows() {
    return extent.rows();
  }

  /**
   * Element index of {@code (row, head, 0)}, where {@code row} counts from the extent's first row.
   */
  public long at(int row, int head) {
    return offset + (long) (extent.first() + row) * rowStride + (long) head * headStride;
  }

  /** The same columns of every head: {@code q.slice(128, 64)} is the rotary part of {@code q}. */
  public Tensor slice(int from, int width) {
    if (from < 0 || width <= 0 || from + width > dim) {
      throw new IllegalArgumentException("columns " + from + ".." + (from + width) + " of " + dim);
    }
    return new Tensor(buffer, dtype, extent, offset + from, rowStride, heads, headStride, width);
  }

  /** Heads {@code from .. from + count}: the keys of a fused {@code [q | k | v]} row, say. */
  public Tensor heads(int from, int count) {
    if (from < 0 || count <= 0 || from + count > heads) {
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
    return new Tensor(buffer, dtype, other, offset, rowStride, heads, headStride, dim);
  }
}
