package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is encoded decodes to nearly what it was, through the reference in core. */
class BlockEncoderTest {
  private static final int BLOCKS = 200;

  /** Bounds on the relative error of normal values: a little above what the types reach. */
  @ParameterizedTest
  @CsvSource({
    "F32, 0",
    "BF16, 0.003",
    "F16, 0.0004",
    "Q8_0, 0.007",
    "Q6_K, 0.025",
    "Q5_0, 0.06",
    "Q4_K, 0.085",
    "Q4_0, 0.12"
  })
  void errorOfNormalValues(DType type, double most) {
    int n = Math.max(256, type.blockElements());
    double squares = 0;
    double errors = 0;
    for (long seed = 0; seed < BLOCKS; seed++) {
      Random random = new Random(seed);
      float size = (float) Math.exp(random.nextInt(12) - 8);
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (float) random.nextGaussian() * size;
      }
      float[] back = thereAndBack(type, x);
      for (int i = 0; i < n; i++) {
        squares += (double) x[i] * x[i] / (size * size);
        errors += Math.pow((double) x[i] - back[i], 2) / (size * size);
      }
    }
    double relative = Math.sqrt(errors / squares);
    assertThat(relative).as("%s", type).isLessThanOrEqualTo(most);
    assertThat(relative).as("%s: not better than it can be", type).isGreaterThanOrEqualTo(most / 3);
  }

  @ParameterizedTest
  @CsvSource({"Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q6_K"})
  void zerosConstantsAndExtremes(DType type) {
    int n = 256;
    for (float zero : thereAndBack(type, new float[n])) {
      assertThat(zero == 0).as("%s of 0", type).isTrue(); // of either sign
    }
    for (float value : new float[] {1, -1, 0.02f, -6000}) {
      float[] x = new float[n];
      Arrays.fill(x, value);
      for (float found : thereAndBack(type, x)) {
        assertThat(found).as("%s of %s", type, value).isBetween(low(value), high(value));
      }
    }
  }

  @Test
  void aTypeThatNobodyWrites() {
    assertThatThrownBy(() -> new QuantRecipe(DType.Q3_K))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Q3_K")
        .hasMessageContaining("Q4_K");
  }

  @Test
  void typesByRole() {
    QuantRecipe recipe = new QuantRecipe(DType.Q4_K);
    assertThat(recipe.typeOf("token_embd.weight", 99, 512)).isEqualTo(DType.Q8_0);
    assertThat(recipe.typeOf("blk.3.attn_kv_a_mqa.weight", 576, 512)).isEqualTo(DType.Q8_0);
    assertThat(recipe.typeOf("blk.3.ffn_up_exps.weight", 8, 64, 512)).isEqualTo(DType.Q4_K);
    assertThat(recipe.typeOf("blk.13.attn_output.weight", 64, 512)).isEqualTo(DType.Q4_K);
    assertThat(recipe.typeOf("blk.3.attn_q.weight", 64, 96)).isEqualTo(DType.Q5_0);
    assertThat(recipe.typeOf("blk.3.attn_q.weight", 64, 90)).isEqualTo(DType.F16);
    assertThat(recipe.typeOf("blk.3.ffn_gate_inp.weight", 8, 512)).isEqualTo(DType.F32);
    assertThat(recipe.typeOf("blk.3.attn_norm.weight", 512)).isEqualTo(DType.F32);
    assertThat(new QuantRecipe(DType.BF16).typeOf("output.weight", 9, 9)).isEqualTo(DType.BF16);
  }

  private static float low(float value) {
    return Math.min(value * 0.99f, value * 1.01f);
  }

  private static float high(float value) {
    return Math.max(value * 0.99f, value * 1.01f);
  }

  private static float[] thereAndBack(DType type, float[] x) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) type.bytes(x.length)]);
    BlockEncoder.encode(type, x, x.length, bytes);
    float[] back = new float[x.length];
    for (int i = 0; i < back.length; i++) {
      back[i] = NumberFormats.read(bytes, type, i);
    }
    return back;
  }
}
