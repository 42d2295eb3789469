package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Values to stored types: rounding for the plain ones, a choice of factors and codes for the
 * quantised ones.
 *
 * <p>Q8_0, Q5_0 and Q4_0 take the factor from the largest value. Q4_K and Q6_K try factors around
 * that one for every group and keep the one with the least squared error, then round the groups'
 * factors themselves and choose the codes again for what these became.
 */
final class BlockEncoder {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Factors tried on either side of the obvious one, in steps of 2 %. */
  private static final int TRIALS = 5;

  private BlockEncoder() {}

  /** Whether {@link #encode} writes it. */
  static boolean writes(DType type) {
    return switch (type) {
      case F32, F16, BF16, Q8_0, Q4_0, Q5_0, Q4_K, Q6_K -> true;
      default -> false;
    };
  }

  /** Writes {@code n} values, whole blocks, to the beginning of {@code out}. */
  static void encode(DType type, float[] x, int n, MemorySegment out) {
    if (!type.quantised()) {
      for (int i = 0; i < n; i++) {
        NumberFormats.write(out, type, i, x[i]);
      }
      return;
    }
    long at = 0;
    for (int i = 0; i < n; i += type.blockElements(), at += type.blockBytes()) {
      switch (type) {
        case Q8_0 -> q8(x, i, out, at);
        case Q4_0 -> q4(x, i, out, at);
        case Q5_0 -> q5(x, i, out, at);
        case Q4_K -> q4k(x, i, out, at);
        case Q6_K -> q6k(x, i, out, at);
        default -> throw new IllegalArgumentException("nothing writes " + type);
      }
    }
  }

  private static void q8(float[] x, int from, MemorySegment out, long at) {
    float d = f16(out, at, Math.abs(x[largest(x, from, 32)]) / 127);
    for (int i = 0; i < 32; i++) {
      put(out, at + 2 + i, code(x[from + i], d, -127, 127));
    }
  }

  /** The largest value, whatever its sign, becomes code 0, which is -8: the range is not even. */
  private static void q4(float[] x, int from, MemorySegment out, long at) {
    float d = f16(out, at, x[largest(x, from, 32)] / -8);
    for (int i = 0; i < 16; i++) {
      int low = code(x[from + i], d, -8, 7) + 8;
      int high = code(x[from + 16 + i], d, -8, 7) + 8;
      put(out, at + 2 + i, low | high << 4);
    }
  }

  private static void q5(float[] x, int from, MemorySegment out, long at) {
    float d = f16(out, at, x[largest(x, from, 32)] / -16);
    clear(out, at + 2, 20);
    for (int i = 0; i < 32; i++) {
      int q = code(x[from + i], d, -16, 15) + 16;
      or(out, at + 6 + i % 16, (q & 15) << i / 16 * 4);
      or(out, at + 2 + i / 8, q >> 4 << i % 8);
    }
  }

  private static void q6k(float[] x, int from, MemorySegment out, long at) {
    float[] factors = new float[16];
    float most = 0;
    for (int g = 0; g < 16; g++) {
      factors[g] = bestFactor(x, from + 16 * g);
      most = Math.abs(factors[g]) > Math.abs(most) ? factors[g] : most;
    }
    float d = f16(out, at + 208, most / -128);
    clear(out, at, 192);
    for (int g = 0; g < 16; g++) {
      int scale = code(factors[g], d, -128, 127);
      put(out, at + 192 + g, scale);
      for (int i = 16 * g; i < 16 * g + 16; i++) {
        int q = code(x[from + i], d * scale, -32, 31) + 32;
        int part = i % 128 / 32;
        or(out, at + i / 128 * 64 + i % 64, (q & 15) << part / 2 * 4);
        or(out, at + 128 + i / 128 * 32 + i % 32, q >> 4 << 2 * part);
      }
    }
  }

  /** The factor of 16 values in codes of -32 to 31 with the least squared error. */
  private static float bestFactor(float[] x, int from) {
    float obvious = x[largest(x, from, 16)] / -32;
    float best = obvious;
    double least = Double.POSITIVE_INFINITY;
    for (int t = -TRIALS; t <= TRIALS; t++) {
      float d = obvious * (1 + 0.02f * t);
      double error = 0;
      for (int i = from; i < from + 16; i++) {
        double off = x[i] - d * code(x[i], d, -32, 31);
        error += off * off;
      }
      if (error < least) {
        least = error;
        best = d;
      }
    }
    return best;
  }

  private static void q4k(float[] x, int from, MemorySegment out, long at) {
    float[] scales = new float[8];
    float[] minima = new float[8];
    float mostScale = 0;
    float mostMinimum = 0;
    for (int g = 0; g < 8; g++) {
      bestLine(x, from + 32 * g, scales, minima, g);
      mostScale = Math.max(mostScale, scales[g]);
      mostMinimum = Math.max(mostMinimum, minima[g]);
    }
    float d = f16(out, at, mostScale / 63);
    float m = f16(out, at + 2, mostMinimum / 63);
    clear(out, at + 4, 12 + 128);
    for (int g = 0; g < 8; g++) {
      int scale = code(scales[g], d, 0, 63);
      int minimum = code(minima[g], m, 0, 63);
      putScale(out, at + 4, g, scale, minimum);
      for (int i = 0; i < 32; i++) {
        int q = code(x[from + 32 * g + i] + m * minimum, d * scale, 0, 15);
        or(out, at + 16 + g / 2 * 32 + i, q << 4 * (g % 2));
      }
    }
  }

  /** Factor and minimum of 32 values in codes of 0 to 15 with the least squared error. */
  private static void bestLine(float[] x, int from, float[] scales, float[] minima, int g) {
    float low = 0;
    float high = 0;
    for (int i = from; i < from + 32; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    double least = Double.POSITIVE_INFINITY;
    for (int t = -2 * TRIALS; t <= 2; t++) {
      for (int u = -2 * TRIALS; u <= 2; u++) {
        float minimum = -low * (1 + 0.02f * u);
        float scale = (high * (1 + 0.02f * t) + minimum) / 15;
        double error = 0;
        for (int i = from; i < from + 32; i++) {
          double off = x[i] + minimum - scale * code(x[i] + minimum, scale, 0, 15);
          error += off * off;
        }
        if (error < least) {
          least = error;
          scales[g] = scale;
          minima[g] = minimum;
        }
      }
    }
  }

  /** The counterpart of {@code QuantBlocks.k4Scale} and {@code k4Minimum}. */
  private static void putScale(MemorySegment out, long at, int g, int scale, int minimum) {
    if (g < 4) {
      or(out, at + g, scale);
      or(out, at + g + 4, minimum);
    } else {
      or(out, at + g + 4, scale & 15 | (minimum & 15) << 4);
      or(out, at + g - 4, scale >> 4 << 6);
      or(out, at + g, minimum >> 4 << 6);
    }
  }

  /** Where the largest value of either sign is. */
  private static int largest(float[] x, int from, int n) {
    int best = from;
    for (int i = from + 1; i < from + n; i++) {
      if (Math.abs(x[i]) > Math.abs(x[best])) {
        best = i;
      }
    }
    return best;
  }

  private static int code(float x, float d, int least, int most) {
    return d == 0 ? Math.clamp(0, least, most) : Math.clamp(Math.round(x / d), least, most);
  }

  /** Stores a factor and hands back what it became. */
  private static float f16(MemorySegment out, long at, float value) {
    short code = Float.floatToFloat16(value);
    out.set(SHORT, at, code);
    return Float.float16ToFloat(code);
  }

  private static void clear(MemorySegment out, long at, long count) {
    out.asSlice(at, count).fill((byte) 0);
  }

  private static void put(MemorySegment out, long at, int code) {
    out.set(ValueLayout.JAVA_BYTE, at, (byte) code);
  }

  private static void or(MemorySegment out, long at, int bits) {
    put(out, at, out.get(ValueLayout.JAVA_BYTE, at) | bits);
  }
}
