package dev.akvavit.core;

import org.jspecify.annotations.Nullable;

/**
 * A constant {@code [heads, out, in]} matrix, seen through a view of the row-major matrix that a
 * file stores; {@code heads == 1} for a dense layer. Views cost nothing and copy nothing, so fused
 * and shared tensors (Falcon's {@code query_key_value}, DeepSeek's {@code kv_b_proj}, stacked
 * experts) are cut where they lie.
 *
 * <p>Rows are numbered {@code r = head * rowsPerHead + i}; row {@code r} of the view is row {@code
 * firstRow + r / run * stride + r % run} of the file. When {@link #transposed}, a stored row is a
 * column of the matrix: {@code rowsPerHead} is {@code in} and each stored row holds {@code out}
 * elements.
 *
 * @param columns elements of a stored row
 * @param scale block factors of an FP8 matrix, else null
 */
public record Weight(
    String name,
    DType dtype,
    int heads,
    int out,
    int in,
    boolean transposed,
    int columns,
    long firstRow,
    int run,
    long stride,
    Buffer data,
    @Nullable BlockScale scale) {

  /** The whole of a stored {@code [out, in]} matrix. */
  public static Weight dense(
      String name, DType dtype, int out, int in, Buffer data, @Nullable BlockScale scale) {
    return new Weight(name, dtype, 1, out, in, false, in, 0, out, out, data, scale);
  }

  /** A vector as {@code [1, 1, n]}: norm gains, biases. */
  public static Weight vector(String name, int n, Buffer data) {
    return dense(name, DType.F32, 1, n, data, null);
  }

  /** Rows of one head as stored: {@code out}, or {@code in} when transposed. */
  public int rowsPerHead() {
    return transposed ? in : out;
  }

  /** Index of a stored row, {@code 0 <= r < heads * rowsPerHead}. */
  public long storedRow(int r) {
    return firstRow + r / run * stride + r % run;
  }

  /** {@code [out, in]} cut into equal heads: {@code [heads, out / heads, in]}. */
  public Weight split(int parts) {
    if (heads != 1 || transposed || run != out || out % parts != 0) {
      throw new IllegalArgumentException(
          name + ": " + out + " rows in " + heads + " heads do not split into " + parts);
    }
    int part = out / parts;
    return new Weight(
        name, dtype, parts, part, in, false, columns, firstRow, part, part, data, scale);
  }

  /** Rows {@code from .. from + count} of every head. */
  public Weight rows(int from, int count) {
    if (transposed || run != out || from < 0 || count <= 0 || from + count > out) {
      throw new IllegalArgumentException(
          name + ": rows " + from + ".." + (from + count) + " of " + out);
    }
    return new Weight(
        name, dtype, heads, count, in, false, columns, firstRow + from, count, stride, data, scale);
  }

  /** One head as a dense matrix: expert {@code h} of a stack. */
  public Weight head(int h) {
    if (run != rowsPerHead() || h < 0 || h >= heads) {
      throw new IllegalArgumentException(name + ": head " + h + " of " + heads);
    }
    return new Weight(
        name,
        dtype,
        1,
        out,
        in,
        transposed,
        columns,
        firstRow + h * stride,
        run,
        stride,
        data,
        scale);
  }

  /** {@code [heads, out, in]} read as one dense {@code [heads * out, in]} matrix. */
  public Weight merged() {
    if (transposed) {
      throw new IllegalArgumentException(name + " is transposed");
    }
    return new Weight(
        name, dtype, 1, heads * out, in, false, columns, firstRow, run, stride, data, scale);
  }

  /** The matrix with rows and columns of every head exchanged; nothing is moved. */
  public Weight transpose() {
    return new Weight(
        name, dtype, heads, in, out, !transposed, columns, firstRow, run, stride, data, scale);
  }

  /** Parameters in this view. */
  public long elements() {
    return (long) heads * out * in;
  }
}
