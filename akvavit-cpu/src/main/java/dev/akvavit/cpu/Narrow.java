package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Conversions of single values between F32 and the narrow types; rounding is to nearest, ties to
 * even.
 */
final class Narrow {
  /** Every e4m3 code's value; the two NaN codes give 480, as the vector form does. */
  static final float[] F8 = new float[256];

  static final float F8_MAX = 448;
  static final float F16_MAX = 65_504;
  static final float Q8_MAX = 127;
  static final int Q8_BLOCK = 32;

  /** Added and taken away it rounds what is below 2^22 to whole numbers, ties to even. */
  static final float ROUND = 0x1.8p23f;

  static {
    for (int code = 0; code < 256; code++) {
      F8[code] = Float.intBitsToFloat(code << 24 & 0x8000_0000 | (code & 0x7F) << 20) * 0x1p120f;
    }
  }

  private Narrow() {}

  /** Finite values stay finite. */
  static short f16(float v) {
    return Float.floatToFloat16(
        Math.abs(v) <= Float.MAX_VALUE ? Math.clamp(v, -F16_MAX, F16_MAX) : v);
  }

  static short bf16(float v) {
    int bits = Float.floatToRawIntBits(v);
    if (Float.isNaN(v)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** The code nearest to {@code v}, which is clamped to the largest value. */
  static byte f8(float v) {
    int sign = Float.floatToRawIntBits(v) >>> 24 & 0x80;
    if (Float.isNaN(v)) {
      return (byte) (sign | 0x7F);
    }
    float size = Math.min(Math.abs(v), F8_MAX);
    if (size < 0x1p-6f) {
      return (byte)
          (sign
              | (int)
                  Math.rint(size * 512)); // subnormal steps of 2^-9; 8 of them are the first normal
    }
    int bits = Float.floatToRawIntBits(size);
    bits += 0x7FFFF + (bits >>> 20 & 1);
    return (byte) (sign | (bits >>> 20) - (120 << 3));
  }

  /**
   * DeepSeek's factor of a row: the least power of two with {@code max(amax, 1e-4) / factor <=
   * 448}.
   */
  static float f8Factor(float amax) {
    float v = Math.max(amax, 1e-4f) / F8_MAX;
    int bits = Float.floatToRawIntBits(v);
    int exponent = (bits >>> 23) - 127 + ((bits & 0x7F_FFFF) != 0 ? 1 : 0);
    return Math.scalb(1f, exponent);
  }

  static void store(MemorySegment to, long offset, DType type, float[] from, int at, int n) {
    switch (type) {
      case F32 -> MemorySegment.copy(from, at, to, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, n);
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 2L * i, bf16(from[at + i]));
        }
      }
      case F16 -> {
        for (int i = 0; i < n; i++) {
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 2L * i, f16(from[at + i]));
        }
      }
      case Q8_0 -> {
        for (int i = 0; i < n; i += Q8_BLOCK) {
          q8(to, offset + type.bytes(i), from, at + i);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "cache planes of " + type + "; rows are kept as F32, BF16, F16 or Q8_0");
    }
  }

  private static void q8(MemorySegment to, long offset, float[] from, int at) {
    float most = 0;
    for (int i = at; i < at + Q8_BLOCK; i++) {
      most = Math.max(most, Math.abs(from[i])); // NaN wins
    }
    short factor = q8Factor(most);
    to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, factor);
    float step = q8Step(factor);
    for (int i = 0; i < Q8_BLOCK; i++) {
      float code = Math.clamp(from[at + i] / step, -Q8_MAX, Q8_MAX);
      to.set(ValueLayout.JAVA_BYTE, offset + 2 + i, (byte) (code + ROUND - ROUND));
    }
  }

  /** A block's F16 factor from its largest magnitude; NaN unless that is finite. */
  static short q8Factor(float most) {
    return most <= Float.MAX_VALUE
        ? Float.floatToFloat16(Math.min(most / Q8_MAX, F16_MAX))
        : Float.floatToFloat16(Float.NaN);
  }

  /** What a block's values are divided by: infinity makes all codes 0 where the factor is 0. */
  static float q8Step(short factor) {
    float d = Float.float16ToFloat(factor);
    return d > 0 ? d : Float.POSITIVE_INFINITY;
  }

  static void storeF8(MemorySegment to, long offset, float[] from, int n, float factor) {
    for (int i = 0; i < n; i++) {
      to.set(ValueLayout.JAVA_BYTE, offset + i, f8(from[i] / factor));
    }
  }
}
