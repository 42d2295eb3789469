package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * A call of machine code that packs vectors as BF16 in native memory, at addresses of whole cache
 * lines; one thread's own, filled in anew each time.
 */
public final class PackCall {
  /** Vectors that are packed together. */
  public static final int SIDE = TileRoutine.SIDE;

  /** Columns come in so many: vectors are zero-padded. */
  public static final int COLUMNS = 32;

  private final long[] arguments = new long[InterleaveRoutine.ARGUMENTS];
  private final long[] rounded = new long[SIDE];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();

  /** Columns with their padding. */
  public static int padded(int columns) {
    return Math.ceilDiv(columns, COLUMNS) * COLUMNS;
  }

  /** Rounds an F32 vector to nearest, ties to even, subnormal numbers to zero. */
  public void round(float[] x, int at, int columns, long to) {
    arguments[InterleaveRoutine.VECTOR] = (long) Float.BYTES * at;
    run(Stored.F32, 1, views.of(x), columns, to);
  }

  /** Rounds up to sixteen F32 vectors, so many places apart, and interleaves them by pairs. */
  public void interleave(float[] x, int at, int apart, int vectors, int columns, long to) {
    for (int i = 0; i < SIDE; i++) { // any stand for those missing, whose sums go nowhere
      int from = at + Math.min(i, vectors - 1) * apart;
      arguments[InterleaveRoutine.VECTOR + i] = (long) Float.BYTES * from;
    }
    run(Stored.F32, SIDE, views.of(x), columns, to);
  }

  /** Vector {@code i} of those to be interleaved was rounded to an address. */
  public void rounded(int i, long address) {
    rounded[i] = address;
  }

  /** Interleaves up to sixteen vectors that {@link #rounded} named. */
  public void interleave(int vectors, int columns, long to) {
    for (int i = 0; i < SIDE; i++) {
      arguments[InterleaveRoutine.VECTOR + i] = rounded[Math.min(i, vectors - 1)];
    }
    run(Stored.PAIRS, SIDE, MemorySegment.NULL, columns, to);
  }

  private void run(Stored type, int vectors, MemorySegment x, int columns, long to) {
    arguments[InterleaveRoutine.TO] = to;
    arguments[InterleaveRoutine.STEPS] = Math.ceilDiv(columns, COLUMNS);
    Downcall.run(
        code.interleaving(type, vectors),
        all,
        x,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
  }
}
