package dev.akvavit.cpu.machine;

import java.util.SplittableRandom;

/** BF16 numbers and the arithmetic of the instructions that multiply them, one step at a time. */
final class Bf16 {
  private Bf16() {}

  static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * Rounds to nearest, ties to even; subnormal numbers become zero, as the instructions have it.
   */
  static short round(float v) {
    int bits = Float.floatToRawIntBits(flushed(v));
    if (Float.isNaN(v)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  static float flushed(float v) {
    return Math.abs(v) < Float.MIN_NORMAL ? Math.copySign(0f, v) : v;
  }

  /** {@code sum + a * b}, rounded once, with zeros for subnormal numbers. */
  static float add(float sum, short a, short b) {
    return flushed(Math.fma(flushed(value(a)), flushed(value(b)), flushed(sum)));
  }

  /** Mostly of a usual size; sometimes tiny, zero or not finite. */
  static short random(SplittableRandom r, boolean odd) {
    if (odd && r.nextInt(20) == 0) {
      return (short) r.nextInt(1 << 16);
    }
    return round((float) r.nextGaussian() * (r.nextInt(9) == 0 ? 1e-15f : 1));
  }
}
