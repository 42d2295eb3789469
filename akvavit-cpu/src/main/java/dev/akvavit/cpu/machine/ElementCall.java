package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * Calls of machine code that works element by element; one thread's own, filled in anew each time.
 */
public final class ElementCall {
  /** Elements of a vector. */
  public static final int LANES = 16;

  private final long[] arguments = new long[ElementRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();
  private final float[] swiglu;
  private final float[] round;

  /**
   * With the constants of the loops that it agrees with.
   *
   * @param exponential least and largest exponent, 1 / ln 2, what rounds to an integer, minus ln 2
   *     in two parts, and the polynomial's factors from the seventh down to the first
   * @param least blocks whose elements are all smaller are zero
   * @param nearest added to a small number it leaves the nearest integer in the lowest bits
   */
  public ElementCall(float[] exponential, float least, float nearest) {
    swiglu = new float[ElementRoutine.SWIGLU_CONSTANTS];
    swiglu[0] = -0f;
    System.arraycopy(exponential, 0, swiglu, 1, swiglu.length - 1);
    round = new float[] {Float.intBitsToFloat(Integer.MAX_VALUE), least, 127, nearest};
  }

  /**
   * {@code out = gate / (1 + e^-gate) * up} of {@code vectors} times {@value #LANES} elements; all
   * are addresses.
   */
  public void swiglu(long out, long gate, long up, int vectors) {
    if (vectors > 0) {
      fill(gate, up, out, vectors);
      run(code.elements(true), MemorySegment.NULL, swiglu);
    }
  }

  /** Rounds blocks of 32 elements from {@code x[from]} on to records from an address on. */
  public void round(float[] x, int from, int blocks, long records) {
    if (blocks > 0) {
      fill((long) Float.BYTES * from, 0, records, blocks);
      run(code.elements(false), views.of(x), round);
    }
  }

  private void fill(long from, long with, long to, int count) {
    arguments[ElementRoutine.FROM] = from;
    arguments[ElementRoutine.WITH] = with;
    arguments[ElementRoutine.TO] = to;
    arguments[ElementRoutine.COUNT] = count;
  }

  private void run(MemorySegment routine, MemorySegment x, float[] constants) {
    Downcall.run(routine, all, views.of(constants), x, MemorySegment.NULL, MemorySegment.NULL);
  }
}
