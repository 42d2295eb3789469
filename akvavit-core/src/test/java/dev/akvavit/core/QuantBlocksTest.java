package dev.akvavit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Blocks are put together here from chosen codes and scales, bit by bit from the layout's
 * description, and must decode to what the description says in F64, rounded as often as it allows.
 */
class QuantBlocksTest {
  private static final int BLOCKS = 2_000;

  /** A block from its parts, and the values that they mean. */
  private record Made(byte[] bytes, double[] values) {}

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {
        "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
        "MXFP4"
      })
  void decodesWhatWasPutTogether(DType type) {
    for (long seed = 0; seed < BLOCKS; seed++) {
      Made made = make(type, new Random(seed));
      assertThat(made.bytes).hasSize(type.blockBytes());
      float[] out = new float[type.blockElements() + 3];
      QuantBlocks.decode(type, MemorySegment.ofArray(made.bytes), 0, out, 2);
      for (int i = 0; i < made.values.length; i++) {
        assertThat(out[2 + i])
            .as("%s, seed %d, element %d", type, seed, i)
            .isEqualTo((float) made.values[i]);
      }
    }
  }

  @Test
  void everyQuantisedTypeHasABlockOfItsOwnHere() {
    for (DType type : DType.values()) {
      if (type.quantised()) {
        assertThat(make(type, new Random(1)).values).hasSize(type.blockElements());
      }
    }
  }

  @Test
  void aHandWrittenBlockOfQ4() {
    byte[] block = new byte[18];
    block[1] = 0x40; // F16 2.0
    block[2] = (byte) 0xF0; // elements 0 and 16: codes 0 and 15
    block[17] = 0x79; // elements 15 and 31: codes 9 and 7
    float[] out = new float[32];
    QuantBlocks.decode(DType.Q4_0, MemorySegment.ofArray(block), 0, out, 0);
    assertThat(new float[] {out[0], out[16], out[15], out[31], out[1]})
        .containsExactly(-16, 14, 2, -2, -16);
  }

  @Test
  void singleValuesAreThoseOfTheirBlock() {
    Made first = make(DType.Q6_K, new Random(1));
    Made second = make(DType.Q6_K, new Random(2));
    byte[] both = Arrays.copyOf(first.bytes, 420);
    System.arraycopy(second.bytes, 0, both, 210, 210);
    MemorySegment bytes = MemorySegment.ofArray(both);
    assertThat(NumberFormats.read(bytes, DType.Q6_K, 255)).isEqualTo((float) first.values[255]);
    assertThat(NumberFormats.read(bytes, DType.Q6_K, 256)).isEqualTo((float) second.values[0]);
  }

  @Test
  void otherTypesHaveNoBlocks() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[64]);
    assertThatThrownBy(() -> QuantBlocks.decode(DType.F32, bytes, 0, new float[1], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F32");
  }

  private static Made make(DType type, Random r) {
    return switch (type) {
      case Q8_0 -> q8(r);
      case Q4_0 -> small(r, 4, 8, false);
      case Q4_1 -> small(r, 4, 0, true);
      case Q5_0 -> small(r, 5, 16, false);
      case Q5_1 -> small(r, 5, 0, true);
      case Q2_K -> q2k(r);
      case Q3_K -> q3k(r);
      case Q4_K -> q45k(r, false);
      case Q5_K -> q45k(r, true);
      case Q6_K -> q6k(r);
      case IQ4_NL -> table(r, true);
      case MXFP4 -> table(r, false);
      default -> throw new IllegalArgumentException(type.name());
    };
  }

  private static Made q8(Random r) {
    byte[] b = new byte[34];
    float d = f16(r, b, 0);
    double[] v = new double[32];
    for (int i = 0; i < 32; i++) {
      int q = r.nextInt(256) - 128;
      b[2 + i] = (byte) q;
      v[i] = (double) d * q;
    }
    return new Made(b, v);
  }

  private static Made small(Random r, int bits, int less, boolean offset) {
    int head = offset ? 4 : 2;
    byte[] b = new byte[head + (bits == 5 ? 4 : 0) + 16];
    float d = f16(r, b, 0);
    float m = offset ? f16(r, b, 2) : 0;
    int nibbles = b.length - 16;
    double[] v = new double[32];
    for (int i = 0; i < 32; i++) {
      int q = r.nextInt(1 << bits);
      b[nibbles + i % 16] |= (byte) ((q & 15) << (i < 16 ? 0 : 4));
      if (q > 15) {
        b[head + i / 8] |= (byte) (1 << i % 8);
      }
      v[i] = (double) d * (q - less) + m;
    }
    return new Made(b, v);
  }

  private static Made table(Random r, boolean iq4) {
    int[] steps = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    double[] e2m1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6};
    byte[] b = new byte[iq4 ? 18 : 17];
    int exponent = 2 + r.nextInt(250);
    double d = iq4 ? f16(r, b, 0) : Math.pow(2, exponent - 127);
    if (!iq4) {
      b[0] = (byte) exponent;
    }
    double[] v = new double[32];
    for (int i = 0; i < 32; i++) {
      int q = r.nextInt(16);
      b[b.length - 16 + i % 16] |= (byte) (q << (i < 16 ? 0 : 4));
      v[i] = d * (iq4 ? steps[q] : e2m1[q]);
    }
    return new Made(b, v);
  }

  private static Made q2k(Random r) {
    byte[] b = new byte[84];
    float d = f16(r, b, 80);
    float m = f16(r, b, 82);
    double[] v = new double[256];
    for (int group = 0; group < 16; group++) {
      int scale = r.nextInt(16);
      int minimum = r.nextInt(16);
      b[group] = (byte) (scale | minimum << 4);
      for (int i = 16 * group; i < 16 * group + 16; i++) {
        int q = r.nextInt(4);
        twoBits(b, 16, i, q);
        v[i] = (double) d * scale * q - (double) m * minimum;
      }
    }
    return new Made(b, v);
  }

  /** Codes of two bits: four rows of 32 share 32 bytes, the first row in the lowest bits. */
  private static void twoBits(byte[] b, int at, int i, int q) {
    int half = i / 128;
    int row = i % 128 / 32;
    b[at + 32 * half + i % 32] |= (byte) (q << 2 * row);
  }

  private static Made q3k(Random r) {
    byte[] b = new byte[110];
    float d = f16(r, b, 108);
    double[] v = new double[256];
    for (int group = 0; group < 16; group++) {
      int scale = r.nextInt(64);
      b[96 + group % 8] |= (byte) ((scale & 15) << (group < 8 ? 0 : 4));
      b[104 + group % 4] |= (byte) (scale >> 4 << 2 * (group / 4));
      for (int i = 16 * group; i < 16 * group + 16; i++) {
        int q = r.nextInt(8);
        twoBits(b, 32, i, q & 3);
        if (q > 3) {
          b[i % 32] |= (byte) (1 << i / 32);
        }
        v[i] = (double) d * (scale - 32) * (q - 4);
      }
    }
    return new Made(b, v);
  }

  private static Made q45k(Random r, boolean five) {
    byte[] b = new byte[five ? 176 : 144];
    float d = f16(r, b, 0);
    float m = f16(r, b, 2);
    int[] scale = r.ints(8, 0, 64).toArray();
    int[] minimum = r.ints(8, 0, 64).toArray();
    for (int i = 0; i < 4; i++) {
      b[4 + i] = (byte) (scale[i] | scale[i + 4] >> 4 << 6);
      b[8 + i] = (byte) (minimum[i] | minimum[i + 4] >> 4 << 6);
      b[12 + i] = (byte) (scale[i + 4] & 15 | (minimum[i + 4] & 15) << 4);
    }
    double[] v = new double[256];
    for (int i = 0; i < 256; i++) {
      int group = i / 32;
      int q = r.nextInt(five ? 32 : 16);
      b[(five ? 48 : 16) + 32 * (group / 2) + i % 32] |= (byte) ((q & 15) << 4 * (group % 2));
      if (q > 15) {
        b[16 + i % 32] |= (byte) (1 << group);
      }
      v[i] = (double) d * scale[group] * q - (double) m * minimum[group];
    }
    return new Made(b, v);
  }

  private static Made q6k(Random r) {
    byte[] b = new byte[210];
    float d = f16(r, b, 208);
    double[] v = new double[256];
    for (int i = 0; i < 256; i++) {
      if (i % 16 == 0) {
        b[192 + i / 16] = (byte) r.nextInt(256);
      }
      int q = r.nextInt(64);
      int half = i / 128;
      boolean upper = i % 128 >= 64;
      b[64 * half + i % 64] |= (byte) ((q & 15) << (upper ? 4 : 0));
      twoBits(b, 128, i, q >> 4);
      v[i] = (double) d * b[192 + i / 16] * (q - 32);
    }
    return new Made(b, v);
  }

  /** A random F16, subnormal ones among them. */
  private static float f16(Random r, byte[] b, int at) {
    int exponent = r.nextInt(31);
    short code = (short) (r.nextInt(2) << 15 | exponent << 10 | r.nextInt(1024));
    b[at] = (byte) code;
    b[at + 1] = (byte) (code >> 8);
    return Float.float16ToFloat(code);
  }
}
