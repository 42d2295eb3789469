package dev.akvavit.cpu.machine;

import java.util.SplittableRandom;

/** BF16 numbers and the arithmetic of the instructions that multiply them, one step at a time. */
public final class Bf16 {
  private Bf16() {}

  public static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * Rounds to nearest, ties to even; subnormal numbers become zero, as the instructions have it.
   */
  public static short round(float v) {
    int bits = Float.floatToRawIntBits(flushed(v));
    if (Float.isNaN(v)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  public static float flushed(float v) {
    return Math.abs(v) < Float.MIN_NORMAL ? Math.copySign(0f, v) : v;
  }

  /** {@code sum + a * b}, rounded once, with zeros for subnormal numbers. */
  public static float add(float sum, short a, short b) {
    return flushed(Math.fma(flushed(value(a)), flushed(value(b)), flushed(sum)));
  }

  /** Mostly of a usual size; sometimes tiny, zero or not finite. */
  public static short random(SplittableRandom r, boolean odd) {
    if (odd && r.nextInt(20) == 0) {
      return (short) r.nextInt(1 << 16);
    }
    return round((float) r.nextGaussian() * (r.nextInt(9) == 0 ? 1e-15f : 1));
  }

  /** A tile's sum: 32 columns at a time, even ones, odd ones, then both to what there was. */
  public static float tileSum(short[] w, int w0, short[] x, int x0, int columns) {
    float sum = 0;
    for (int k = 0; k < columns; k += 32) {
      float even = 0;
      float odd = 0;
      for (int i = k; i < k + 32; i += 2) {
        even = add(even, x[x0 + i], w[w0 + i]);
        odd = add(odd, x[x0 + i + 1], w[w0 + i + 1]);
      }
      sum = flushed(sum + flushed(even + odd));
    }
    return sum;
  }
}
