package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * A call of machine code for the dot products of many rows with a few vectors; one thread's own,
 * filled in anew each time. Sums have the order, and so the bits, of the Vector API loops at 512
 * bits.
 */
public final class DotCall {
  /** The most vectors of one call. */
  public static final int MOST_VECTORS = DotRoutine.MOST_TOKENS;

  /** The same for quantised rows. */
  public static final int MOST_QUANTISED = DotRoutine.MOST_QUANTISED;

  private static final int LANES = 16;

  /** Rows listed one by one are prefetched four ahead, if four leave room in a cache. */
  private static final int NEAR = 32 * 1024;

  private static final int WITHIN_ROW = 1024;
  private static final MemorySegment Q4_CODES =
      MemorySegment.ofArray(new float[] {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7});

  private final long[] arguments = new long[DotRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();

  public DotCall() {
    arguments[DotRoutine.F8_BIAS] = Float.floatToRawIntBits(0x1p8f);
  }

  /** Floats that a call keeps of its sums: lanes of four rows, rows beyond fours alone. */
  public static int kept(int rows, int vectors) {
    return (rows / DotRoutine.ROWS + rows % DotRoutine.ROWS) * DotRoutine.ROWS * vectors * LANES;
  }

  /** {@code rows} rows of {@code columns} elements, {@code stride} bytes apart. */
  public void rows(long stride, int rows, int columns) {
    arguments[DotRoutine.STRIDE] = stride;
    arguments[DotRoutine.AHEAD] = DotRoutine.ROWS * stride;
    arguments[DotRoutine.ROW_COUNT] = rows;
    arguments[DotRoutine.COLUMNS] = columns & -16;
    arguments[DotRoutine.TAIL] = (1L << (columns & 15)) - 1;
    arguments[DotRoutine.TAKE_UP] = 0;
    arguments[DotRoutine.KEEP] = 0;
  }

  /** Vector {@code i} begins at {@code x[at]}, zero-padded to whole vectors of 16. */
  public void vector(int i, int at) {
    arguments[DotRoutine.VECTOR + i] = 4L * at;
  }

  /** Results of vector {@code i} begin at {@code y[at + i * stride]}. */
  public void results(int at, int stride) {
    arguments[DotRoutine.RESULTS] = 4L * at;
    arguments[DotRoutine.RESULT_STRIDE] = 4L * stride;
  }

  /** All rows share F32 factors at an address, one for every {@code columns} columns. */
  public void factors(long address, int columns) {
    arguments[DotRoutine.FACTORS] = address;
    arguments[DotRoutine.BLOCK_COLUMNS] = columns;
  }

  /** A part of the columns: sums go on from those kept, and are kept themselves. */
  public void part(boolean first, boolean last) {
    arguments[DotRoutine.TAKE_UP] = first ? 0 : 1;
    arguments[DotRoutine.KEEP] = last ? 0 : 1;
  }

  /**
   * Runs over rows in native memory.
   *
   * @param kept {@link #kept} floats when the columns come in parts
   */
  public void stored(Stored type, long address, int vectors, float[] x, float[] y, float[] kept) {
    arguments[DotRoutine.WEIGHTS] = address;
    Downcall.run(
        code.dots(type, false, vectors),
        all,
        MemorySegment.NULL,
        views.of(x),
        views.of(y),
        type == Stored.Q4 ? Q4_CODES : views.of(kept));
  }

  /** Runs over rows in native memory, whose addresses begin at {@code table[at]}. */
  public void gathered(Stored type, long[] table, int at, int vectors, float[] x, float[] y) {
    arguments[DotRoutine.WEIGHTS] = 8L * at;
    if (arguments[DotRoutine.AHEAD] > NEAR) {
      arguments[DotRoutine.AHEAD] = WITHIN_ROW;
    }
    Downcall.run(
        code.dots(type, true, vectors),
        all,
        views.of(table),
        views.of(x),
        views.of(y),
        MemorySegment.NULL);
  }

  /**
   * Runs over F32 rows that begin at {@code w[at]}.
   *
   * @param kept {@link #kept} floats when the columns come in parts
   */
  public void widened(float[] w, int at, int vectors, float[] x, float[] y, float[] kept) {
    arguments[DotRoutine.WEIGHTS] = 4L * at;
    Downcall.run(
        code.dots(Stored.F32, false, vectors),
        all,
        views.of(w),
        views.of(x),
        views.of(y),
        views.of(kept));
  }
}
