package dev.akvavit.testkit;

import dev.akvavit.core.DType;
import java.util.SplittableRandom;

/** Blocks of quantised types with random codes, whose factors keep every value in -1 to 1. */
public final class QuantDraft {
  private QuantDraft() {}

  /** Bytes of {@code elements} values. */
  public static byte[] random(SplittableRandom random, DType type, int elements) {
    byte[] bytes = new byte[(int) type.bytes(elements)];
    random.nextBytes(bytes);
    for (int at = 0; at < bytes.length; at += type.blockBytes()) {
      switch (type) {
        case Q8_0, IQ4_NL -> factor(random, bytes, at, 128);
        case Q4_0 -> factor(random, bytes, at, 8);
        case Q5_0 -> factor(random, bytes, at, 16);
        case Q4_1 -> factors(random, bytes, at, 32, 2);
        case Q5_1 -> factors(random, bytes, at, 64, 2);
        case Q2_K -> factors(random, bytes, at + 80, 128, 32);
        case Q3_K -> factor(random, bytes, at + 108, 128);
        case Q4_K -> factors(random, bytes, at, 2048, 128);
        case Q5_K -> factors(random, bytes, at, 4096, 128);
        case Q6_K -> factor(random, bytes, at + 208, 4096);
        case MXFP4 -> bytes[at] = (byte) random.nextInt(100, 125);
        default -> throw new IllegalArgumentException(type + " has no blocks");
      }
    }
    return bytes;
  }

  private static void factors(
      SplittableRandom random, byte[] bytes, int at, int most, int mostOfOffset) {
    factor(random, bytes, at, most);
    factor(random, bytes, at + 2, mostOfOffset);
  }

  /** An F16 of either sign, at most {@code 1 / most}. */
  private static void factor(SplittableRandom random, byte[] bytes, int at, int most) {
    short code = Float.floatToFloat16((float) random.nextDouble(-1.0 / most, 1.0 / most));
    bytes[at] = (byte) code;
    bytes[at + 1] = (byte) (code >> 8);
  }
}
