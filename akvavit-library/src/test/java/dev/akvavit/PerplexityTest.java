package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.core.DType;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {
  private static final String TEXT =
      """
      package org.example;

      import java.util.ArrayList;
      import java.util.List;

      public final class Names {
        private final List<String> names = new ArrayList<>();

        public void add(String name) {
          names.add(name);
        }

        public int size() {
          return names.size();
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void narrowerCachesCostLittleAndF32IsTheMeasure() {
    List<CacheQuality.Setting> usual = CacheQuality.usual(DefaultModel.folder());
    assertThat(usual)
        .extracting(CacheQuality.Setting::toString)
        .startsWith("f32", "bf16", "f16", "q8_0", "q8_0,rope=bf16")
        .endsWith("q8_0,rope=bf16 --index-precision f8");
    List<CacheQuality.Row> rows =
        CacheQuality.run(
            DefaultModel.folder(),
            TEXT,
            512,
            ModelOptions.DEFAULT,
            List.of(usual.get(1), usual.getLast()),
            (setting, score) -> {});
    assertThat(rows).extracting(r -> r.kvBytesPerToken()).containsExactly(8960L, 4480L, 2680L);
    assertThat(rows.getFirst().sameToken()).isEqualTo(1);
    double exact = rows.getFirst().score().meanNll();
    assertThat(rows)
        .allSatisfy(r -> {
          assertThat(r.score().meanNll()).isCloseTo(exact, within(0.05));
          assertThat(r.sameToken()).isGreaterThan(0.9);
        });
    assertThat(rows.getLast().score().meanNll()).isNotEqualTo(exact);
  }

  @Test
  void eightBitsCostLittleAndWindowsScoreEveryTokenOnce() {
    Path model = DefaultModel.folder();
    List<Perplexity.Score> told = new ArrayList<>();
    Perplexity.Score whole = Perplexity.run(model, TEXT, 512, ModelOptions.DEFAULT, told::add);
    assertThat(told).containsExactly(whole);
    assertThat(whole.tokens()).isEqualTo(whole.of()).isGreaterThan(40);
    assertThat(whole.perplexity()).isBetween(1.1, 20.0).isEqualTo(Math.exp(whole.meanNll()));
    told.clear();
    Perplexity.Score cut = Perplexity.run(model, TEXT, 32, ModelOptions.DEFAULT, told::add);
    assertThat(cut.tokens()).isEqualTo(whole.tokens());
    assertThat(told).hasSizeGreaterThan(1);
    assertThat(cut.meanNll()).isGreaterThan(whole.meanNll());
    Path file = folder.resolve("q8.gguf");
    Quantization.run(model, file, DType.Q8_0, t -> {});
    Perplexity.Score small = Perplexity.run(file, TEXT, 512, ModelOptions.DEFAULT, s -> {});
    assertThat(small.meanNll()).isCloseTo(whole.meanNll(), within(0.02));
    String reversed = new StringBuilder(TEXT).reverse().toString();
    assertThat(Perplexity.run(model, reversed, 512, ModelOptions.DEFAULT, s -> {}).perplexity())
        .isGreaterThan(5 * whole.perplexity());
  }

  @Test
  void whatCannotBeScored() {
    Path model = DefaultModel.folder();
    assertThatThrownBy(() -> Perplexity.run(model, TEXT, 1, ModelOptions.DEFAULT, s -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("window: found 1");
    assertThatThrownBy(() -> Perplexity.run(model, "", 64, ModelOptions.DEFAULT, s -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2");
  }
}
