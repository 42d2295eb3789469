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

  static {
    for (int code = 0; code < 256; code++) {
      F8[code] = Float.intBitsToFloat(code << 24 & 0x8000_0000 | (code & 0x7F) << 20) * 0x1p120f;
    }
  }

  private Narrow() {}

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
          to.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              offset + 2L * i,
              Float.floatToFloat16(from[at + i]));
        }
      }
      default ->
          throw new IllegalArgumentException(
              "cache planes of " + type + "; rows are kept as F32, F16 or BF16");
    }
  }

  static void storeF8(MemorySegment to, long offset, float[] from, int n, float factor) {
    for (int i = 0; i < n; i++) {
      to.set(ValueLayout.JAVA_BYTE, offset + i, f8(from[i] / factor));
    }
  }
}
