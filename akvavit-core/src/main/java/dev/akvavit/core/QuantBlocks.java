package dev.akvavit.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the blocks of GGUF's quantised types mean: the scalar reference that kernels are tested
 * against.
 *
 * <p>{@code d}, {@code m} are F16; {@code q} are codes of the width in the type's name. Every
 * factor is multiplied to {@code q} before anything is added, and at most the last step rounds:
 *
 * <pre>
 *   Q8_0, Q4_0, Q5_0   d q            q signed, or unsigned less half its range
 *   Q4_1, Q5_1         d q + m
 *   Q2_K, Q4_K, Q5_K   (d s) q - m t  s, t of 4 or 6 bits for every 16 or 32 elements
 *   Q3_K, Q6_K         (d s) q        s signed, of 6 or 8 bits for every 16 elements
 *   IQ4_NL             d table[q]     a table of unequal steps
 *   MXFP4              2^(e-127) e2m1(q)
 * </pre>
 *
 * In blocks of 32 the low nibbles are the first 16 elements and the high ones the last. Written
 * from the layouts in ggml's {@code ggml-common.h} and, for MXFP4, OCP's microscaling formats 1.0.
 */
public final class QuantBlocks {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final float[] IQ4_NL_STEPS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };
  private static final float[] E2M1 = {
    0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6
  };

  /** Added to any value it leaves its bits alone, also those of a zero. */
  private static final float NOTHING = -0f;

  private QuantBlocks() {}

  /**
   * Decodes the block at byte {@code at} into {@code out[to .. to + type.blockElements()]}.
   *
   * @throws IllegalArgumentException for a type that is not {@link DType#quantised}
   */
  public static void decode(DType type, MemorySegment bytes, long at, float[] out, int to) {
    switch (type) {
      case Q8_0 -> q8(bytes, at, out, to);
      case Q4_0 -> nibbles(bytes, at + 2, out, to, f16(bytes, at), 8, NOTHING);
      case Q4_1 -> nibbles(bytes, at + 4, out, to, f16(bytes, at), 0, f16(bytes, at + 2));
      case Q5_0 -> q5(bytes, at + 2, out, to, f16(bytes, at), 16, NOTHING);
      case Q5_1 -> q5(bytes, at + 4, out, to, f16(bytes, at), 0, f16(bytes, at + 2));
      case Q2_K -> q2k(bytes, at, out, to);
      case Q3_K -> q3k(bytes, at, out, to);
      case Q4_K -> q45k(bytes, at, at + 16, -1, out, to);
      case Q5_K -> q45k(bytes, at, at + 48, at + 16, out, to);
      case Q6_K -> q6k(bytes, at, out, to);
      case IQ4_NL -> table(bytes, at + 2, out, to, f16(bytes, at), IQ4_NL_STEPS);
      case MXFP4 -> table(bytes, at + 1, out, to, e8m0(u8(bytes, at)), E2M1);
      default -> throw new IllegalArgumentException(type + " has no blocks");
    }
  }

  /** Element {@code index} of consecutive blocks: slow, for tests and small tensors. */
  public static float value(MemorySegment bytes, DType type, long index) {
    float[] block = new float[type.blockElements()];
    decode(type, bytes, index / block.length * type.blockBytes(), block, 0);
    return block[(int) (index % block.length)];
  }

  /** {@code 2^(code - 127)}; 255 is NaN (OCP e8m0). */
  private static float e8m0(int code) {
    return code == 255 ? Float.NaN : Math.scalb(1f, code - 127);
  }

  private static void q8(MemorySegment b, long at, float[] out, int to) {
    float d = f16(b, at);
    for (int i = 0; i < 32; i++) {
      out[to + i] = d * b.get(ValueLayout.JAVA_BYTE, at + 2 + i);
    }
  }

  private static void nibbles(
      MemorySegment b, long q, float[] out, int to, float d, int less, float m) {
    for (int i = 0; i < 16; i++) {
      int code = u8(b, q + i);
      out[to + i] = d * ((code & 15) - less) + m;
      out[to + 16 + i] = d * ((code >> 4) - less) + m;
    }
  }

  /** The fifth bits of all elements lie in 4 bytes before the nibbles. */
  private static void q5(
      MemorySegment b, long at, float[] out, int to, float d, int less, float m) {
    int high = b.get(INT, at);
    for (int i = 0; i < 16; i++) {
      int code = u8(b, at + 4 + i);
      out[to + i] = d * ((code & 15 | (high >>> i & 1) << 4) - less) + m;
      out[to + 16 + i] = d * ((code >> 4 | (high >>> i + 16 & 1) << 4) - less) + m;
    }
  }

  private static void table(MemorySegment b, long q, float[] out, int to, float d, float[] steps) {
    for (int i = 0; i < 16; i++) {
      int code = u8(b, q + i);
      out[to + i] = d * steps[code & 15];
      out[to + 16 + i] = d * steps[code >> 4];
    }
  }

  /** 16 bytes of scales (low nibble) and minima (high), 64 of codes, d, m. */
  private static void q2k(MemorySegment b, long at, float[] out, int to) {
    float d = f16(b, at + 80);
    float m = f16(b, at + 82);
    for (int i = 0; i < 256; i++) {
      int scale = u8(b, at + i / 16);
      int code = u8(b, at + 16 + i / 128 * 32 + i % 32) >> 2 * (i % 128 / 32) & 3;
      out[to + i] = d * (scale & 15) * code - m * (scale >> 4);
    }
  }

  /** 32 bytes of third bits, 64 of lower bits, 12 of scales, d. */
  private static void q3k(MemorySegment b, long at, float[] out, int to) {
    float d = f16(b, at + 108);
    for (int i = 0; i < 256; i++) {
      int code = u8(b, at + 32 + i / 128 * 32 + i % 32) >> 2 * (i % 128 / 32) & 3;
      int high = u8(b, at + i % 32) >> i / 32 & 1;
      out[to + i] = d * q3Scale(b, at + 96, i / 16) * (code + 4 * high - 4);
    }
  }

  /** Scale {@code i} of 16: four low bits in the first 8 bytes, two high ones in the last 4. */
  private static int q3Scale(MemorySegment b, long at, int i) {
    int low = u8(b, at + i % 8) >> 4 * (i / 8) & 15;
    int high = u8(b, at + 8 + i % 4) >> 2 * (i / 4) & 3;
    return (low | high << 4) - 32;
  }

  /** d, m, 12 bytes of scales and minima; nibbles at {@code q}, fifth bits at {@code h} or none. */
  private static void q45k(MemorySegment b, long at, long q, long h, float[] out, int to) {
    float d = f16(b, at);
    float m = f16(b, at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * k4Scale(b, at + 4, group);
      float minimum = m * k4Minimum(b, at + 4, group);
      for (int i = 0; i < 32; i++) {
        int code = u8(b, q + group / 2 * 32 + i) >> 4 * (group % 2) & 15;
        if (h >= 0) {
          code |= (u8(b, h + i) >> group & 1) << 4;
        }
        out[to + 32 * group + i] = scale * code - minimum;
      }
    }
  }

  /**
   * Six bits: the first four groups have a byte's low six, the others a nibble and two top bits.
   */
  public static int k4Scale(MemorySegment b, long at, int group) {
    return group < 4
        ? u8(b, at + group) & 63
        : u8(b, at + group + 4) & 15 | u8(b, at + group - 4) >> 6 << 4;
  }

  /** The counterpart of {@link #k4Scale} for minima. */
  public static int k4Minimum(MemorySegment b, long at, int group) {
    return group < 4
        ? u8(b, at + group + 4) & 63
        : u8(b, at + group + 4) >> 4 | u8(b, at + group) >> 6 << 4;
  }

  /** 128 bytes of low nibbles, 64 of high pairs of bits, 16 signed scales, d. */
  private static void q6k(MemorySegment b, long at, float[] out, int to) {
    float d = f16(b, at + 208);
    for (int i = 0; i < 256; i++) {
      int part = i % 128 / 32;
      int low = u8(b, at + i / 128 * 64 + i % 64) >> 4 * (part / 2) & 15;
      int high = u8(b, at + 128 + i / 128 * 32 + i % 32) >> 2 * part & 3;
      int scale = b.get(ValueLayout.JAVA_BYTE, at + 192 + i / 16);
      out[to + i] = d * scale * ((low | high << 4) - 32);
    }
  }

  private static int u8(MemorySegment b, long at) {
    return b.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  private static float f16(MemorySegment b, long at) {
    return Float.float16ToFloat(b.get(SHORT, at));
  }
}
