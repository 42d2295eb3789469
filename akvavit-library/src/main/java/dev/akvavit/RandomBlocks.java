package dev.akvavit;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.QuantBlocks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Quantised blocks of random codes whose factors make values of a given size: every code of a type
 * occurs, as in a real file, and none is infinite.
 */
final class RandomBlocks {
  /**
   * Where a type keeps its factors, and by how much the one that is subtracted or added exceeds the
   * other so that values are centred on zero.
   *
   * @param minimum byte of the second factor; -1 for none
   */
  private record Factors(int scale, int minimum, float ratio) {
    static Factors of(DType type) {
      return switch (type) {
        case Q8_0, Q4_0, Q5_0, IQ4_NL, MXFP4 -> new Factors(0, -1, 0);
        case Q4_1 -> new Factors(0, 2, -7.5f); // codes 0..15
        case Q5_1 -> new Factors(0, 2, -15.5f);
        case Q4_K -> new Factors(0, 2, 7.5f); // both have factors of their own, of one spread
        case Q5_K -> new Factors(0, 2, 15.5f);
        case Q2_K -> new Factors(80, 82, 1.5f);
        case Q3_K -> new Factors(108, -1, 0);
        case Q6_K -> new Factors(208, -1, 0);
        default -> throw new IllegalArgumentException("type: found " + type + ", allowed: blocks");
      };
    }
  }

  private RandomBlocks() {}

  /**
   * Fills whole blocks.
   *
   * @param size root of the mean of squares that the values get; of MXFP4 the nearest power of two
   */
  static void fill(MemorySegment blocks, DType type, float size, SplittableRandom random) {
    for (long at = 0; at < blocks.byteSize(); at++) {
      blocks.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
    scale(blocks, type, 1);
    scale(blocks, type, size / size(blocks, type));
  }

  private static void scale(MemorySegment blocks, DType type, float scale) {
    Factors factors = Factors.of(type);
    for (long at = 0; at < blocks.byteSize(); at += type.blockBytes()) {
      if (type == DType.MXFP4) { // a power of two, 127 for 1
        int power = 127 + (int) Math.rint(Math.log(scale) / Math.log(2));
        blocks.set(ValueLayout.JAVA_BYTE, at, (byte) Math.clamp(power, 1, 254));
        continue;
      }
      NumberFormats.write(blocks.asSlice(at + factors.scale, 2), DType.F16, 0, scale);
      if (factors.minimum >= 0) {
        float minimum = factors.ratio * scale;
        NumberFormats.write(blocks.asSlice(at + factors.minimum, 2), DType.F16, 0, minimum);
      }
    }
  }

  private static float size(MemorySegment blocks, DType type) {
    float[] values = new float[type.blockElements()];
    double squares = 0;
    long count = 0;
    for (long at = 0; at < blocks.byteSize(); at += type.blockBytes()) {
      QuantBlocks.decode(type, blocks, at, values, 0);
      for (float value : values) {
        squares += (double) value * value;
      }
      count += values.length;
    }
    return (float) Math.sqrt(squares / count);
  }
}
