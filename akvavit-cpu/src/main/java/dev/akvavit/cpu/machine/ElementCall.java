package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * Calls of machine code that works element by element; one thread's own, filled in anew each time.
 */
public final class ElementCall {
  /** Elements of a vector. */
  public static final int LANES = 16;

  private static final float[] NO_CONSTANTS = {};

  private final long[] arguments = new long[ElementRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final float[] lanes = new float[LANES];
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();
  private final float[] swiglu;
  private final float[] round;
  private final float[] narrow = new float[ElementRoutine.NARROW_CONSTANTS];
  private final float[] gain = new float[ElementRoutine.GAIN_CONSTANTS];

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
    int[] bits = {1, 0x7FFF, 0x40_0000}; // the lowest of BF16, below half of it, a quiet NaN's
    for (int i = 0; i < bits.length; i++) {
      narrow[i] = Float.intBitsToFloat(bits[i]);
    }
  }

  /**
   * {@code out = gate / (1 + e^-gate) * up} of {@code vectors} times {@value #LANES} elements; all
   * are addresses.
   */
  public void swiglu(long out, long gate, long up, int vectors) {
    if (vectors > 0) {
      fill(gate, up, out, vectors);
      run(ElementRoutine.Kind.SWIGLU, MemorySegment.NULL, swiglu);
    }
  }

  /** Rounds blocks of 32 elements from {@code x[from]} on to records from an address on. */
  public void round(float[] x, int from, int blocks, long records) {
    if (blocks > 0) {
      fill((long) Float.BYTES * from, 0, records, blocks);
      run(ElementRoutine.Kind.ROUND, views.of(x), round);
    }
  }

  /** {@code vectors} times {@value #LANES} elements from {@code x[from]} on as BF16. */
  public void narrow(float[] x, int from, int vectors, long out) {
    if (vectors > 0) {
      fill((long) Float.BYTES * from, 0, out, vectors);
      run(ElementRoutine.Kind.NARROW, views.of(x), narrow);
    }
  }

  /** {@code x += y}; both are addresses. */
  public void add(long x, long y, int vectors) {
    if (vectors > 0) {
      fill(x, y, x, vectors);
      run(ElementRoutine.Kind.ADD, MemorySegment.NULL, NO_CONSTANTS);
    }
  }

  /** The sum of the squares from an address on; lanes fold in halves. */
  public float sumOfSquares(long x, int vectors) {
    if (vectors == 0) {
      return 0;
    }
    fill(0, x, 0, vectors);
    run(ElementRoutine.Kind.SQUARES, views.of(lanes), NO_CONSTANTS);
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /** {@code out = x * factor * gain}; all are addresses. */
  public void gained(long out, long x, long by, float factor, int vectors) {
    if (vectors > 0) {
      fill(x, by, out, vectors);
      gain[0] = factor;
      run(ElementRoutine.Kind.GAIN, MemorySegment.NULL, gain);
    }
  }

  private void fill(long from, long with, long to, int count) {
    arguments[ElementRoutine.FROM] = from;
    arguments[ElementRoutine.WITH] = with;
    arguments[ElementRoutine.TO] = to;
    arguments[ElementRoutine.COUNT] = count;
  }

  private void run(ElementRoutine.Kind kind, MemorySegment x, float[] constants) {
    MemorySegment routine = code.elements(kind);
    Downcall.run(routine, all, views.of(constants), x, MemorySegment.NULL, MemorySegment.NULL);
  }
}
