package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.QuantBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Rows of floats on their way into a file of another type: some at a time, and what that costs. */
final class EncodedRows {
  private static final int CHUNK = 1 << 20;

  private EncodedRows() {}

  /**
   * Writes all rows of a tensor.
   *
   * @param shape of the tensor; rows are its innermost dimension
   * @return root of the squared errors over the squared values
   */
  static double write(DType type, FloatRows rows, long[] shape, ByteSource.Sink sink)
      throws IOException {
    int columns = Math.toIntExact(shape[shape.length - 1]);
    long count = 1;
    for (int i = 0; i + 1 < shape.length; i++) {
      count *= shape[i];
    }
    long rowBytes = type.bytes(columns);
    int batch = Math.clamp(CHUNK / rowBytes, 1, 1024);
    float[] x = new float[columns];
    float[] back = new float[columns];
    double squares = 0;
    double errors = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(batch * rowBytes);
      int held = 0;
      for (long row = 0; row < count; row++) {
        rows.read(row, x);
        MemorySegment place = buffer.asSlice(held * rowBytes, rowBytes);
        BlockEncoder.encode(type, x, columns, place);
        decode(type, place, columns, back);
        for (int i = 0; i < columns; i++) {
          double off = (double) x[i] - back[i];
          squares += (double) x[i] * x[i];
          errors += off * off;
        }
        if (++held == batch || row == count - 1) {
          sink.write(buffer.asSlice(0, held * rowBytes));
          held = 0;
        }
      }
    }
    return squares == 0 ? 0 : Math.sqrt(errors / squares);
  }

  private static void decode(DType type, MemorySegment bytes, int n, float[] out) {
    for (int i = 0; i < n; i += type.blockElements()) {
      if (type.quantised()) {
        QuantBlocks.decode(type, bytes, type.bytes(i), out, i);
      } else {
        out[i] = NumberFormats.read(bytes, type, i);
      }
    }
  }
}
