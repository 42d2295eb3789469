package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.testkit.CountedWeights;
import dev.akvavit.testkit.ScalarBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published configs, odd keys included, give the published mechanisms, parameter totals and cache
 * sizes.
 */
class HubConfigTest {
  static ConfigSource source(String name) {
    try {
      Path file =
          Path.of(
              Objects.requireNonNull(
                      HubConfigTest.class.getResource("/hub/" + name + ".json"), name)
                  .toURI());
      return JsonConfig.read(file, Limits.DEFAULT);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static ModelConfig config(String name, IndexPrecision precision) {
    return Architectures.configure(source(name), precision);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      textBlock =
          """
          llama-2-7b, MHA, 32
          llama-3.1-8b, GQA-8, 32
          deepseek-coder-6.7b, MHA, 32
          mistral-7b-v0.1, GQA-8 window 4096, 32
          qwen2.5-7b, GQA-4, 28
          qwen3-8b, GQA-8, 36
          qwen3-30b-a3b, GQA-4, 48
          falcon-7b, MQA, 32
          falcon-40b, GQA-8, 60
          gpt2, MHA, 12
          starcoder, MQA, 40
          deepseek-v2-lite, MLA, 27
          deepseek-v2, MLA, 60
          deepseek-v3, MLA, 61
          kimi-k2, MLA, 61
          mistral-small-4, MLA, 36
          glm-4.7-flash, MLA, 47
          youtu-llm-2b, MLA, 32
          deepseek-v3.2, MLA + DSA top 2048, 61
          glm-5, MLA + DSA top 2048, 78
          """)
  void mechanism(String name, String mechanism, int layers) {
    ModelConfig c = config(name, IndexPrecision.EXACT);
    assertThat(c.layers()).hasSize(layers);
    assertThat(c.layers().stream().map(l -> l.attention().mechanism()).distinct().toList())
        .containsExactly(mechanism);
  }

  /**
   * Billions, as published or as the shapes of the papers give them; MTP layers are not part of the
   * decoder.
   */
  @ParameterizedTest(name = "{0}: {1} B")
  @CsvSource(
      textBlock =
          """
          llama-2-7b, 6.738
          llama-3.1-8b, 8.030
          mistral-7b-v0.1, 7.242
          qwen2.5-7b, 7.616
          qwen3-8b, 8.191
          qwen3-30b-a3b, 30.53
          gpt2, 0.12444
          starcoder, 15.517
          deepseek-v2-lite, 15.71
          deepseek-v2, 235.74
          deepseek-v3, 671.03
          deepseek-v3.2, 671.88
          kimi-k2, 1026.4
          glm-5, 743.9
          glm-4.7-flash, 29.94
          youtu-llm-2b, 1.96
          mistral-small-4, 118.97
          """)
  void parameters(String name, double billions) {
    ModelConfig c = config(name, IndexPrecision.EXACT);
    CountedWeights weights = new CountedWeights();
    ScalarBackend backend = new ScalarBackend();
    try (KvCache cache = new KvCache(backend, c.kvLayouts(DType.BF16), 1, 1)) {
      DecoderBuilder.build(
          c, Architectures.of(source(name)), weights, backend, cache, new Workspace(backend, 1, 1));
    }
    assertThat(weights.total() / 1e9).isCloseTo(billions, within(billions * 1e-3));
  }

  /** What transformers says too: the attention of both is DeepSeek-V3's class. */
  @Test
  void glmFlashAndYoutuAreShapesOfDeepSeekV3() {
    assertThat(sameAsDeepSeekV3("glm-4.7-flash", "glm4_moe_lite", "")).isTrue();
    String allDense =
        "\"first_k_dense_replace\": 32, \"moe_intermediate_size\": 1, \"n_routed_experts\": 1,"
            + " \"num_experts_per_tok\": 1, ";
    assertThat(sameAsDeepSeekV3("youtu-llm-2b", "youtu", allDense)).isTrue();
  }

  private static boolean sameAsDeepSeekV3(String name, String type, String more) {
    String text = text(name);
    String renamed =
        text.replaceFirst("\\{", "{" + more)
            .replace("\"model_type\": \"" + type + "\"", "\"model_type\": \"deepseek_v3\"");
    ConfigSource deepSeek = JsonConfig.parse(renamed, name, Limits.DEFAULT);
    ModelConfig expected = Architectures.configure(deepSeek, IndexPrecision.EXACT);
    ModelConfig found = config(name, IndexPrecision.EXACT);
    return found.layers().equals(expected.layers())
        && found.norm().equals(expected.norm())
        && found.tiedEmbeddings() == expected.tiedEmbeddings();
  }

  private static String text(String name) {
    try (InputStream in = HubConfigTest.class.getResourceAsStream("/hub/" + name + ".json")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theFirstLayerOfGlmFlashIsDenseWhereTheConfigIsSilent() {
    String silent = text("glm-4.7-flash").replace("  \"first_k_dense_replace\": 1,\n", "");
    ModelConfig found =
        Architectures.configure(
            JsonConfig.parse(silent, "silent", Limits.DEFAULT), IndexPrecision.EXACT);
    assertThat(found.layers()).isEqualTo(config("glm-4.7-flash", IndexPrecision.EXACT).layers());
  }

  /** Bytes in BF16, index keys included where there are any. */
  @ParameterizedTest(name = "{0}: {1} bytes a token")
  @CsvSource(
      textBlock =
          """
          llama-2-7b, EXACT, 524288
          llama-3.1-8b, EXACT, 131072
          qwen2.5-7b, EXACT, 57344
          qwen3-8b, EXACT, 147456
          qwen3-30b-a3b, EXACT, 98304
          falcon-7b, EXACT, 8192
          deepseek-v2-lite, EXACT, 31104
          deepseek-v2, EXACT, 69120
          deepseek-v3, EXACT, 70272
          kimi-k2, EXACT, 70272
          glm-4.7-flash, EXACT, 54144
          youtu-llm-2b, EXACT, 36864
          mistral-small-4, EXACT, 23040
          deepseek-v3.2, EXACT, 85888
          deepseek-v3.2, F8, 78324
          glm-5, EXACT, 109824
          """)
  void cacheBytes(String name, IndexPrecision precision, long bytes) {
    assertThat(config(name, precision).kvBytesPerToken(DType.BF16)).isEqualTo(bytes);
  }

  /**
   * {@code (nope + rope)^(-1/2) m²}; V2-Lite's mscale is 0.707, Kimi's factor 32, GLM has no YaRN.
   */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      textBlock =
          """
          deepseek-v2-lite, 0.11472139
          deepseek-v2, 0.13523378
          deepseek-v3, 0.13523378
          deepseek-v3.2, 0.13523378
          kimi-k2, 0.1308608
          glm-5, 0.0625
          """)
  void softmaxScale(String name, float scale) {
    AttentionConfig attention = config(name, IndexPrecision.EXACT).layers().getFirst().attention();
    AttentionConfig.Latent latent =
        attention instanceof AttentionConfig.SparseLatent sparse
            ? sparse.latent()
            : (AttentionConfig.Latent) attention;
    assertThat(latent.scale()).isCloseTo(scale, within(2 * Math.ulp(scale)));
    assertThat(latent.rope().magnitude()).as("cosine and sine stay as they are").isEqualTo(1);
    assertThat(latent.latentNormEps()).isEqualTo(1e-6f);
  }

  @Test
  void routers() {
    assertThat(router("deepseek-v2"))
        .hasToString(
            "RouterConfig[experts=160, topK=6, scoring=SOFTMAX, groups=8, keptGroups=3,"
                + " groupScore=MAX, normalise=false, scale=16.0]");
    assertThat(router("deepseek-v2-lite"))
        .hasToString(
            "RouterConfig[experts=64, topK=6, scoring=SOFTMAX, groups=1, keptGroups=1,"
                + " groupScore=MAX, normalise=false, scale=1.0]");
    assertThat(router("deepseek-v3"))
        .hasToString(
            "RouterConfig[experts=256, topK=8, scoring=SIGMOID, groups=8, keptGroups=4,"
                + " groupScore=TOP_TWO, normalise=true, scale=2.5]");
    assertThat(router("kimi-k2"))
        .hasToString(
            "RouterConfig[experts=384, topK=8, scoring=SIGMOID, groups=1, keptGroups=1,"
                + " groupScore=TOP_TWO, normalise=true, scale=2.827]");
    assertThat(router("mistral-small-4"))
        .hasToString(
            "RouterConfig[experts=128, topK=4, scoring=SOFTMAX, groups=1, keptGroups=1,"
                + " groupScore=TOP_TWO, normalise=true, scale=1.0]");
    assertThat(router("qwen3-30b-a3b"))
        .hasToString(
            "RouterConfig[experts=128, topK=8, scoring=SOFTMAX, groups=1, keptGroups=1,"
                + " groupScore=MAX, normalise=true, scale=1.0]");
  }

  private static Object router(String name) {
    return ((FeedForwardConfig.MixtureOfExperts)
            config(name, IndexPrecision.EXACT).layers().getLast().feedForward())
        .router();
  }

  /** Such a figure would take a minute and gigabytes before a tensor is missing. */
  @ParameterizedTest
  @MethodSource("dev.akvavit.model.GoldenModel#names")
  void tooManyLayersAreRefusedAtOnce(String name) throws IOException {
    Path config = GoldenModel.folder(name).resolve("config.json");
    String text = Files.readString(config);
    String more = text.replaceAll("\"(num_hidden_layers|n_layer)\": *\\d+", "\"$1\": 100000000");
    assertThat(more).isNotEqualTo(text);
    ConfigSource source = JsonConfig.parse(more, "config.json", Limits.DEFAULT);
    assertThatThrownBy(() -> Architectures.configure(source, IndexPrecision.EXACT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("found 100000000, allowed: up to 10000");
  }

  /**
   * A cache is as large as the papers say: layers × elements × bytes × slots, for every golden
   * checkpoint.
   */
  @ParameterizedTest
  @MethodSource("dev.akvavit.model.GoldenModel#names")
  void goldenCaches(String name) {
    ConfigSource source =
        JsonConfig.read(GoldenModel.folder(name).resolve("config.json"), Limits.DEFAULT);
    for (IndexPrecision precision : IndexPrecision.values()) {
      if (precision != IndexPrecision.EXACT && !source.has("index_topk")) {
        assertThatThrownBy(() -> Architectures.configure(source, precision))
            .hasMessageStartingWith("index-precision: found f8, allowed for this model: exact");
        continue;
      }
      ModelConfig c = Architectures.configure(source, precision);
      long bytes = 0; // of one token
      for (var layer : c.layers()) {
        bytes +=
            switch (layer.attention()) {
              case AttentionConfig.GroupedQuery a -> 2L * 2 * a.kvHeads() * a.headDim();
              case AttentionConfig.Latent a -> 2L * (a.kvRank() + a.ropeDim());
              case AttentionConfig.SparseLatent a ->
                  2L * (a.latent().kvRank() + a.latent().ropeDim())
                      + (a.sharesSelection()
                          ? 0
                          : precision == IndexPrecision.F8
                              ? a.indexer().dim() + 4
                              : 2L * a.indexer().dim());
            };
      }
      try (KvCache cache = new KvCache(new ScalarBackend(), c.kvLayouts(DType.BF16), 7, 16)) {
        assertThat(cache.bytes()).isEqualTo(bytes * 7 * 16);
      }
    }
  }
}
