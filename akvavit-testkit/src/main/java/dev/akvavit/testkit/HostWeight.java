package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A stored matrix and the view of it that an operation gets, to be placed on any backend at an odd
 * address.
 */
public final class HostWeight {
  private static final int MISALIGNED = 64 + 3;

  final DType dtype;
  final int rows;
  final int columns;
  private final float[] values;
  private final byte[] blocks;
  private final UnaryOperator<Weight> view;
  private final float @Nullable [] factors;
  private final int blockRows;
  private final int blockColumns;

  private HostWeight(
      SplittableRandom random, DType dtype, int rows, int columns, UnaryOperator<Weight> view) {
    this.dtype = dtype;
    this.rows = rows;
    this.columns = columns;
    this.view = view;
    blocks = dtype.quantised() ? QuantDraft.random(random, dtype, rows * columns) : new byte[0];
    values = new float[dtype.quantised() ? 0 : rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    int[] sizes = {1, 3, 16, 32, 64, 128};
    blockRows = sizes[random.nextInt(sizes.length)];
    blockColumns = sizes[random.nextInt(sizes.length)];
    factors =
        dtype == DType.F8_E4M3 && random.nextInt(4) > 0
            ? new float[gridRows() * gridColumns()]
            : null;
    if (factors != null) {
      for (int i = 0; i < factors.length; i++) {
        factors[i] = (float) random.nextDouble(0.25, 2);
      }
    }
  }

  /**
   * Stored values in {@code -1 .. 1}, of whatever codes for quantised types; FP8 matrices mostly
   * have block factors, up to 2.
   */
  static HostWeight random(
      SplittableRandom random, DType dtype, int rows, int columns, UnaryOperator<Weight> view) {
    return new HostWeight(random, dtype, rows, columns, view);
  }

  static HostWeight vector(SplittableRandom random, int n) {
    return random(random, DType.F32, 1, n, UnaryOperator.identity());
  }

  /** Zeros instead of what is random, but for a one every {@code period} rows in each column. */
  HostWeight picking(int period, int shift) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (i / columns + shift) % period == i % columns ? 1 : 0;
    }
    return this;
  }

  private int gridRows() {
    return Math.ceilDiv(rows, blockRows);
  }

  private int gridColumns() {
    return Math.ceilDiv(columns, blockColumns);
  }

  Weight on(Backend backend) {
    BlockScale scale =
        factors == null
            ? null
            : new BlockScale(
                place(backend, factors, DType.F32), blockRows, blockColumns, gridColumns());
    String name = dtype + "[" + rows + "," + columns + "]";
    Buffer data = dtype.quantised() ? place(backend) : place(backend, values, dtype);
    return view.apply(Weight.dense(name, dtype, rows, columns, data, scale));
  }

  private static Buffer place(Backend backend, float[] values, DType dtype) {
    MemorySegment place = misaligned(dtype.bytes(values.length));
    ScalarBackend.encode(values, dtype, place);
    return backend.place(place);
  }

  private Buffer place(Backend backend) {
    return backend.place(misaligned(blocks.length).copyFrom(MemorySegment.ofArray(blocks)));
  }

  private static MemorySegment misaligned(long bytes) {
    return Arena.ofAuto().allocate(bytes + MISALIGNED, 64).asSlice(MISALIGNED, bytes);
  }

  /** A bound on any element. */
  double largest() {
    return factors == null ? 1 : 2;
  }
}
