package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frequencies of published configs against values worked out from the papers' formulas. */
class RopeScalingTest {
  private static RopeConfig rope(String name) {
    return switch (HubConfigTest.config(name, IndexPrecision.EXACT)
        .layers()
        .getFirst()
        .attention()) {
      case AttentionConfig.GroupedQuery a -> Objects.requireNonNull(a.rope());
      case AttentionConfig.Latent a -> a.rope();
      case AttentionConfig.SparseLatent a -> a.latent().rope();
    };
  }

  private static float[] frequencies(RopeConfig rope, int dim) {
    return rope.rope(RopeStyle.INTERLEAVED, dim).inverseFrequency();
  }

  @ParameterizedTest(name = "V3, pair {0}: {1}")
  @CsvSource({
    "0, 1.0",
    "10, 0.05623412877",
    "11, 0.03900692612",
    "16, 0.005500000436",
    "22, 1.7782794e-4",
    "23, 3.3338038e-5",
    "31, 3.333803761e-6"
  })
  void yarnOfDeepSeekV3(int pair, float expected) {
    assertThat(frequencies(rope("deepseek-v3"), 64)[pair])
        .isCloseTo(expected, within(2 * Math.ulp(expected)));
  }

  /**
   * Up to {@code lo} a pair keeps its frequency, from {@code hi} on it is divided, between it is
   * neither.
   */
  @ParameterizedTest(name = "{0}: ramp from {1} to {2}")
  @CsvSource({
    "deepseek-v2-lite, 10, 23",
    "deepseek-v3, 10, 23",
    "deepseek-v3.2, 10, 23",
    "kimi-k2, 19, 20",
    "mistral-small-4, 12, 25"
  })
  void ramp(String name, int lo, int hi) {
    RopeConfig.Yarn yarn = (RopeConfig.Yarn) rope(name);
    float[] scaled = frequencies(yarn, 64);
    float[] plain = frequencies(new RopeConfig.Plain(yarn.theta()), 64);
    for (int i = 0; i < scaled.length; i++) {
      float divided = (float) (Math.pow(yarn.theta(), -i / 32.0) / yarn.factor());
      if (i <= lo) {
        assertThat(scaled[i]).as("pair %d", i).isEqualTo(plain[i]);
      } else if (i >= hi) {
        assertThat(scaled[i]).as("pair %d", i).isEqualTo(divided);
      } else {
        assertThat(scaled[i]).as("pair %d", i).isStrictlyBetween(divided, plain[i]);
      }
    }
  }

  @ParameterizedTest(name = "factor {0}, mscale {1}: m² {2}")
  @CsvSource({
    "40, 1, 1.8738542",
    "40, 0.707, 1.5896262",
    "32, 1, 1.8132604",
    "64, 1, 2.0047397",
    "1, 1, 1"
  })
  void softmaxFactor(float factor, float mscale, double expected) {
    RopeConfig.Yarn yarn =
        new RopeConfig.Yarn(10_000, factor, 4096, 32, 1, mscale, mscale, 0, true);
    assertThat(yarn.softmaxFactor()).isCloseTo(expected, within(1e-7));
  }

  /** One formula for the magnitude on cosine and sine; a config may also state it. */
  @Test
  void magnitude() {
    assertThat(new RopeConfig.Yarn(10_000, 40, 4096, 32, 1, 0, 0, 0, true).magnitude())
        .isEqualTo((float) (0.1 * Math.log(40) + 1));
    assertThat(new RopeConfig.Yarn(10_000, 40, 4096, 32, 1, 1, 1, 0, true).magnitude())
        .isEqualTo(1);
    assertThat(new RopeConfig.Yarn(10_000, 40, 4096, 32, 1, 1, 0.5f, 0, true).magnitude())
        .isEqualTo((float) ((0.1 * Math.log(40) + 1) / (0.05 * Math.log(40) + 1)));
    assertThat(new RopeConfig.Yarn(10_000, 40, 4096, 32, 1, 1, 1, 1.25f, true).magnitude())
        .isEqualTo(1.25f);
  }

  /**
   * 8192 / 4 = 2048 and 8192 / 1: shorter wavelengths stay, longer ones are stretched eight times,
   * between they blend.
   */
  @Test
  void llama3() {
    float[] scaled = frequencies(rope("llama-3.1-8b"), 128);
    int kept = 0;
    int stretched = 0;
    for (int i = 0; i < 64; i++) {
      double f = Math.pow(500_000, -i / 64.0);
      double wavelength = 2 * Math.PI / f;
      double smooth = (8192 / wavelength - 1) / (4 - 1);
      double expected =
          wavelength < 2048 ? f : wavelength > 8192 ? f / 8 : (1 - smooth) * f / 8 + smooth * f;
      kept += wavelength < 2048 ? 1 : 0;
      stretched += wavelength > 8192 ? 1 : 0;
      assertThat(scaled[i])
          .as("pair %d", i)
          .isCloseTo((float) expected, within(Math.ulp((float) expected)));
    }
    assertThat(kept).isEqualTo(29);
    assertThat(stretched).isEqualTo(29);
  }

  @Test
  void linear() {
    float[] scaled = frequencies(rope("deepseek-coder-6.7b"), 128);
    for (int i = 0; i < 64; i++) {
      assertThat(scaled[i]).isEqualTo((float) (Math.pow(100_000, -i / 64.0) / 4));
    }
  }
}
