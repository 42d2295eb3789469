package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A tensor as Hugging Face's form has it, whatever the file it comes from.
 *
 * @param dtype what it is written as
 * @param rows its values
 * @param stored where its bytes lie as they are to be written; null when they have to be made
 */
record PublishedTensor(
    String name, DType dtype, long[] shape, FloatRows rows, @Nullable StoredTensor stored) {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BELOW_BF16 = 0xFFFF;

  /** A tensor of a folder: it stays what it is. */
  static PublishedTensor asItLies(Checkpoint checkpoint, String name) {
    StoredTensor tensor = checkpoint.tensor(name);
    FloatRows rows = FloatRows.lazily(() -> FloatRows.of(checkpoint, name, false));
    return new PublishedTensor(name, tensor.dtype(), tensor.shape(), rows, tensor);
  }

  /**
   * A tensor of a GGUF file. Blocks become BF16, and so does F32 that loses nothing by it: GGUF
   * widens vectors and routers, and a file of F32 was widened as a whole.
   */
  static PublishedTensor widened(Checkpoint checkpoint, String name) {
    StoredTensor tensor = checkpoint.tensor(name);
    boolean narrow = tensor.dtype().quantised() || isBf16(tensor);
    FloatRows rows = FloatRows.of(checkpoint, name, false);
    boolean made = narrow || tensor.transposed();
    return new PublishedTensor(
        name, narrow ? DType.BF16 : tensor.dtype(), tensor.shape(), rows, made ? null : tensor);
  }

  private static boolean isBf16(StoredTensor tensor) {
    if (tensor.dtype() != DType.F32) {
      return false;
    }
    MemorySegment bytes = tensor.bytes();
    for (long at = 0; at < bytes.byteSize(); at += Integer.BYTES) {
      if ((bytes.get(INT, at) & BELOW_BF16) != 0) {
        return false;
      }
    }
    return true;
  }

  PublishedTensor named(String other) {
    return new PublishedTensor(other, dtype, shape, rows, stored);
  }

  /** The matrix of {@code count} rows, of which row {@code i} is {@code from(i)} of this one. */
  PublishedTensor rows(String other, long count, LongUnaryOperator from) {
    long[] matrix = {count, columns()};
    return new PublishedTensor(other, dtype, matrix, rows.reordered(from), null);
  }

  /** A vector of which element {@code i} is {@code from(i)} of this one. */
  PublishedTensor elements(LongUnaryOperator from) {
    float[] all = new float[Math.toIntExact(columns())];
    FloatRows reordered =
        (row, out) -> {
          rows.read(row, all);
          for (int i = 0; i < all.length; i++) {
            out[i] = all[(int) from.applyAsLong(i)];
          }
        };
    return new PublishedTensor(name, dtype, shape, reordered, null);
  }

  /** Elements of a row. */
  long columns() {
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  long elements() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /**
   * Writes the values.
   *
   * @return root of the squared errors over the squared values
   */
  double write(ByteSource.Sink sink) throws IOException {
    if (stored == null) {
      return EncodedRows.write(dtype, rows, shape, sink);
    }
    sink.write(stored.bytes());
    return 0;
  }
}
