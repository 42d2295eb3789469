package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * A call of machine code for the dot products of many BF16 rows with a few BF16 vectors ({@code
 * vdpbf16ps}); one thread's own, filled in anew each time.
 *
 * <p>Sixteen lanes as in {@link DotCall}; lane {@code i / 2 % 16} adds column {@code i + 1}, then
 * {@code i}, each product exact and each sum rounded to F32, subnormal numbers being zero. The
 * order does not depend on the number of rows or vectors.
 */
public final class PairCall {
  /** The most vectors of one call. */
  public static final int MOST_VECTORS = DotRoutine.MOST_TOKENS;

  private static final int WIDTH = Stored.PAIRS.columns();

  private final long[] arguments = new long[DotRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();

  /**
   * {@code rows} rows of {@code columns} elements, {@code stride} bytes apart; where they are a
   * part of the columns, sums go on from those kept, or are kept themselves.
   */
  public void rows(long stride, int rows, int columns, boolean first, boolean last) {
    arguments[DotRoutine.STRIDE] = stride;
    arguments[DotRoutine.AHEAD] = DotRoutine.ROWS * stride;
    arguments[DotRoutine.ROW_COUNT] = rows;
    arguments[DotRoutine.COLUMNS] = columns & -WIDTH;
    arguments[DotRoutine.TAIL] = (1L << (columns & WIDTH - 1)) - 1;
    arguments[DotRoutine.TAKE_UP] = first ? 0 : 1;
    arguments[DotRoutine.KEEP] = last ? 0 : 1;
  }

  /** Vector {@code i} begins at an address, zero-padded to a multiple of 32. */
  public void vector(int i, long address) {
    arguments[DotRoutine.VECTOR + i] = address;
  }

  /** Results of vector {@code i} begin at {@code y[at + i * stride]}. */
  public void results(int at, int stride) {
    arguments[DotRoutine.RESULTS] = (long) Float.BYTES * at;
    arguments[DotRoutine.RESULT_STRIDE] = (long) Float.BYTES * stride;
  }

  /**
   * Runs over rows in native memory.
   *
   * @param kept {@link DotCall#kept} floats when the columns come in parts
   */
  public void multiply(long address, int vectors, float[] y, float[] kept) {
    arguments[DotRoutine.WEIGHTS] = address;
    Downcall.run(
        code.dots(Stored.PAIRS, false, vectors),
        all,
        MemorySegment.NULL,
        MemorySegment.NULL,
        views.of(y),
        views.of(kept));
  }
}
