package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * A call of machine code that adds weighted rows to a few sums; one thread's own, filled in anew
 * each time. Every column adds its rows in ascending order, so the bits are those of any loop that
 * does.
 */
public final class SumCall {
  /** The most sums of one call. */
  public static final int MOST_SUMS = SumRoutine.MOST_SUMS;

  private final long[] arguments = new long[SumRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();

  /**
   * {@code rows} rows of {@code columns} elements, a multiple of 16, {@code stride} bytes apart.
   */
  public void rows(long stride, int rows, int columns) {
    arguments[SumRoutine.STRIDE] = stride;
    arguments[SumRoutine.COUNT] = rows;
    arguments[SumRoutine.COLUMNS] = columns;
  }

  /** Sum {@code i} begins at {@code y[to]}, its rows' weights at {@code weights[from]}. */
  public void sum(int i, int from, int to) {
    arguments[SumRoutine.WEIGHT + i] = 4L * from;
    arguments[SumRoutine.SUM + i] = 4L * to;
  }

  /** Adds F32 rows that begin at {@code v[at]}. */
  public void widened(float[] v, int at, int sums, float[] weights, float[] y) {
    arguments[SumRoutine.ROWS] = 4L * at;
    run(code.sums(Stored.F32, false, sums), views.of(v), weights, y);
  }

  /** Adds rows in native memory, whose addresses begin at {@code table[at]}. */
  public void gathered(Stored type, long[] table, int at, int sums, float[] weights, float[] y) {
    arguments[SumRoutine.ROWS] = 8L * at;
    run(code.sums(type, true, sums), views.of(table), weights, y);
  }

  private void run(MemorySegment routine, MemorySegment rows, float[] weights, float[] y) {
    Downcall.run(routine, all, rows, views.of(weights), views.of(y), MemorySegment.NULL);
  }
}
