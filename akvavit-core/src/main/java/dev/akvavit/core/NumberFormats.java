package dev.akvavit.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The scalar reference of every stored number format: what each code means, and which code a value
 * rounds to. Kernels are faster and are tested against this.
 *
 * <p>Narrowing rounds to nearest, ties to even. A NaN stays a NaN of the same sign. E4M3 has no
 * infinity and saturates at {@value #E4M3_MAX}, as DeepSeek's kernels clamp before they cast (OCP
 * 8-bit floating point specification, 5.2.2).
 */
public final class NumberFormats {
  /** The largest finite E4M3 value. */
  public static final float E4M3_MAX = 448;

  private static final int E4M3_NAN = 0x7F;
  private static final int E4M3_LARGEST = 0x7E;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final float[] E4M3_VALUES = e4m3Values();

  private NumberFormats() {}

  public static float bf16ToFloat(short code) {
    return Float.intBitsToFloat(code << 16);
  }

  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x0040); // rounding could carry a NaN into an infinity
    }
    int even = bits >>> 16 & 1;
    return (short) (bits + 0x7FFF + even >>> 16);
  }

  public static float f16ToFloat(short code) {
    return Float.float16ToFloat(code);
  }

  public static short floatToF16(float value) {
    return Float.floatToFloat16(value);
  }

  public static float e4m3ToFloat(byte code) {
    return E4M3_VALUES[code & 0xFF];
  }

  /** The value of each of the 256 codes; the caller's own copy. */
  public static float[] e4m3Table() {
    return E4M3_VALUES.clone();
  }

  public static byte floatToE4m3(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
    float size = Math.abs(value);
    if (Float.isNaN(value)) {
      return (byte) (sign | E4M3_NAN);
    }
    if (size >= E4M3_MAX) {
      return (byte) (sign | E4M3_LARGEST);
    }
    // Steps are 2^(exponent - 3) wide; below 2^-6 all have the width of the last binade. A value
    // that rounds up to
    // the next binade carries into the exponent field by itself.
    int exponent = Math.max(Math.getExponent(size), -6);
    int steps = (int) Math.rint(Math.scalb((double) size, 3 - exponent));
    return (byte) (sign | ((exponent + 6 << 3) + steps));
  }

  /**
   * Element {@code index} of little-endian bytes, which need not be aligned.
   *
   * @throws IllegalArgumentException for an integer type
   */
  public static float read(MemorySegment bytes, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> bytes.get(FLOAT, index * 4);
      case F16 -> f16ToFloat(bytes.get(SHORT, index * 2));
      case BF16 -> bf16ToFloat(bytes.get(SHORT, index * 2));
      case F8_E4M3 -> e4m3ToFloat(bytes.get(ValueLayout.JAVA_BYTE, index));
      case I32, I64 -> throw noFloat(dtype);
      default -> QuantBlocks.value(bytes, dtype, index);
    };
  }

  /**
   * Rounds {@code value} into element {@code index} of little-endian bytes, which need not be
   * aligned.
   *
   * @throws IllegalArgumentException for an integer type
   */
  public static void write(MemorySegment bytes, DType dtype, long index, float value) {
    switch (dtype) {
      case F32 -> bytes.set(FLOAT, index * 4, value);
      case F16 -> bytes.set(SHORT, index * 2, floatToF16(value));
      case BF16 -> bytes.set(SHORT, index * 2, floatToBf16(value));
      case F8_E4M3 -> bytes.set(ValueLayout.JAVA_BYTE, index, floatToE4m3(value));
      case I32, I64 -> throw noFloat(dtype);
      default ->
          throw new IllegalArgumentException(dtype + " has no single values; write whole blocks");
    }
  }

  private static IllegalArgumentException noFloat(DType dtype) {
    return new IllegalArgumentException(dtype + " holds integers, not floating-point values");
  }

  private static float[] e4m3Values() {
    float[] values = new float[256];
    for (int code = 0; code < 256; code++) {
      int exponent = code >> 3 & 15;
      int mantissa = code & 7;
      float size =
          exponent == 0
              ? Math.scalb((float) mantissa, -9)
              : Math.scalb(8f + mantissa, exponent - 10);
      float value = (code & E4M3_NAN) == E4M3_NAN ? Float.NaN : size;
      values[code] = code < 128 ? value : -value;
    }
    return values;
  }
}
