package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Values of a tensor with gaps between heads and rows, to be placed on any backend; gaps hold NaN.
 */
public final class HostTensor {
  /** Bytes before each placed buffer, so that nothing is aligned by luck. */
  private static final int MISALIGNED = 64 + 4;

  final DType dtype;
  final int rows;
  final int heads;
  final int dim;
  final int headStride;
  final int rowStride;
  final int offset;
  private final float[] values;

  /** All NaN. */
  HostTensor(DType dtype, int rows, int heads, int dim, int headGap, int rowGap, int offset) {
    this.dtype = dtype;
    this.rows = rows;
    this.heads = heads;
    this.dim = dim;
    this.offset = offset;
    headStride = dim + headGap;
    rowStride = heads * headStride + rowGap + offset;
    values = new float[rows * rowStride];
    Arrays.fill(values, Float.NaN);
  }

  /** F32 activations with gaps drawn at random, all NaN. */
  static HostTensor empty(SplittableRandom random, int rows, int heads, int dim) {
    boolean gaps = random.nextBoolean();
    return new HostTensor(
        DType.F32,
        rows,
        heads,
        dim,
        gaps ? random.nextInt(4) : 0,
        gaps ? random.nextInt(6) : 0,
        gaps ? random.nextInt(3) : 0);
  }

  /** The same with values in {@code -largest .. largest}. */
  static HostTensor random(SplittableRandom random, int rows, int heads, int dim, double largest) {
    HostTensor t = empty(random, rows, heads, dim);
    for (int row = 0; row < rows; row++) {
      t.fillRow(random, row, largest);
    }
    return t;
  }

  void fillRow(SplittableRandom random, int row, double largest) {
    for (int h = 0; h < heads; h++) {
      for (int d = 0; d < dim; d++) {
        set(row, h, d, (float) random.nextDouble(-largest, largest));
      }
    }
  }

  void set(int row, int head, int d, float value) {
    values[offset + row * rowStride + head * headStride + d] = value;
  }

  float get(int row, int head, int d) {
    return values[offset + row * rowStride + head * headStride + d];
  }

  /** A copy of its own on the backend. */
  Tensor on(Backend backend, Extent extent) {
    long bytes = dtype.bytes(values.length);
    MemorySegment place =
        Arena.ofAuto().allocate(bytes + MISALIGNED, 64).asSlice(MISALIGNED, bytes);
    ScalarBackend.encode(values, dtype, place);
    return new Tensor(
        backend.place(place), dtype, extent, offset, rowStride, heads, headStride, dim);
  }

  /** Every element of a placed copy, gaps too. */
  float[] all(Backend backend, Tensor placed) {
    Extent everything = new Extent(rows);
    Tensor whole =
        new Tensor(placed.buffer(), dtype, everything, 0, rowStride, 1, rowStride, rowStride);
    float[] out = new float[rows * rowStride];
    float[] row = new float[rowStride];
    for (int r = 0; r < rows; r++) {
      backend.read(whole, r, row);
      System.arraycopy(row, 0, out, r * rowStride, rowStride);
    }
    return out;
  }

  double largest() {
    double max = 0;
    for (float v : values) {
      max = Float.isNaN(v) ? max : Math.max(max, Math.abs(v));
    }
    return max;
  }
}
