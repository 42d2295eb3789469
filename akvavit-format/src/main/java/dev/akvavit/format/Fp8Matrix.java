package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A matrix becomes E4M3 with one F32 factor for each 128 x 128 block, as DeepSeek-V3 is published:
 * a block's largest value becomes 448, its factor is what that was divided by. One band of 128 rows
 * is in memory at a time; factors and values are two passes over the source.
 */
final class Fp8Matrix {
  static final int BLOCK = 128;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final FloatRows source;
  private final int rows;
  private final int columns;
  private double squares;
  private double errors;

  Fp8Matrix(FloatRows source, int rows, int columns) {
    this.source = source;
    this.rows = rows;
    this.columns = columns;
  }

  long[] gridShape() {
    return new long[] {Math.ceilDiv(rows, BLOCK), Math.ceilDiv(columns, BLOCK)};
  }

  /** Root of the squared errors over the squared values, once {@link #values} has run. */
  double relativeError() {
    return squares == 0 ? 0 : Math.sqrt(errors / squares);
  }

  /** The factors, row after row of the grid. */
  void factors(ByteSource.Sink sink) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int width = Math.ceilDiv(columns, BLOCK);
      MemorySegment line = arena.allocate(4L * width);
      float[][] band = band();
      for (int from = 0; from < rows; from += BLOCK) {
        float[] factors = factors(band, read(band, from));
        MemorySegment.copy(factors, 0, line, FLOAT, 0, width);
        sink.write(line);
      }
    }
  }

  /** The values, row after row. */
  void values(ByteSource.Sink sink) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate((long) BLOCK * columns);
      float[][] band = band();
      for (int from = 0; from < rows; from += BLOCK) {
        int count = read(band, from);
        float[] factors = factors(band, count);
        for (int r = 0; r < count; r++) {
          encode(band[r], factors, bytes.asSlice((long) r * columns, columns));
        }
        sink.write(bytes.asSlice(0, (long) count * columns));
      }
    }
  }

  private void encode(float[] row, float[] factors, MemorySegment to) {
    for (int i = 0; i < columns; i++) {
      float factor = factors[i / BLOCK];
      NumberFormats.write(to, DType.F8_E4M3, i, row[i] / factor);
      double off = (double) row[i] - NumberFormats.read(to, DType.F8_E4M3, i) * factor;
      squares += (double) row[i] * row[i];
      errors += off * off;
    }
  }

  private float[][] band() {
    return new float[Math.min(BLOCK, rows)][columns];
  }

  private int read(float[][] band, int from) {
    int count = Math.min(BLOCK, rows - from);
    for (int r = 0; r < count; r++) {
      source.read(from + r, band[r]);
    }
    return count;
  }

  /** A block of zeros keeps the factor 1. */
  private float[] factors(float[][] band, int count) {
    float[] most = new float[Math.ceilDiv(columns, BLOCK)];
    for (int r = 0; r < count; r++) {
      for (int i = 0; i < columns; i++) {
        most[i / BLOCK] = Math.max(most[i / BLOCK], Math.abs(band[r][i]));
      }
    }
    float[] factors = new float[most.length];
    for (int b = 0; b < factors.length; b++) {
      factors[b] = most[b] == 0 ? 1 : Math.max(most[b] / NumberFormats.E4M3_MAX, Float.MIN_NORMAL);
    }
    return factors;
  }
}
