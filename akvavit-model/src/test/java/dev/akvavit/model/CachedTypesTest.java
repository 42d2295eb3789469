package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Backend;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.model.GoldenModel.Chunk;
import dev.akvavit.model.GoldenModel.Golden;
import dev.akvavit.model.GoldenModel.Sequence;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.Tolerance;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type that rows may be cached in, for all planes and by plane. */
class CachedTypesTest {
  private static final CacheTypes F32 = CacheTypes.of(DType.F32);
  private static final List<String> GROUPED =
      List.of("f16", "q8_0", "keys=f16,values=q8_0", "keys=q8_0,values=bf16");
  private static final List<String> LATENT =
      List.of("f16", "q8_0", "latent=q8_0,rope=bf16", "latent=bf16,rope=f32");
  private static final List<String> SPARSE =
      List.of("f16", "q8_0", "latent=q8_0,rope=bf16,index=f16", "index=q8_0");

  static Stream<Arguments> mixtures() {
    return BackendUnderTest.all().stream()
        .flatMap(b ->
            TinyModel.inBlocks().entrySet().stream()
                .flatMap(e ->
                    types(e.getKey()).stream()
                        .map(t -> Arguments.of(b, e.getKey(), e.getValue(), t))));
  }

  private static List<String> types(String mechanism) {
    return mechanism.equals("DSA") ? SPARSE : mechanism.equals("MLA") ? LATENT : GROUPED;
  }

  static Stream<Arguments> goldens() {
    return BackendUnderTest.all().stream()
        .filter(b -> !b.scalar()) // it decodes a block for each of its elements
        .flatMap(b -> GoldenModel.NAMES.stream().map(n -> Arguments.of(b, n)));
  }

  /** Rows are rounded one by one, so nothing about a batch can show in them. */
  @ParameterizedTest(name = "{0} {1} {3}")
  @MethodSource("mixtures")
  void togetherAsAlone(BackendUnderTest backend, String name, ModelConfig config, String text) {
    CacheTypes types = CacheTypes.parse(text, F32);
    try (Backend one = backend.open(1);
        Backend two = backend.open(2);
        TinyModel alone = new TinyModel(config, one, types, Schedules.PAGES, 7, w -> {});
        TinyModel together = new TinyModel(config, two, types, Schedules.PAGES, 7, w -> {})) {
      Schedules random = new Schedules(together, alone, 8);
      for (int i = 0; i < (backend.scalar() ? 1 : 60); i++) {
        assertThat(random.run(i)).as("%s with %s on %s", name, text, backend).isNull();
      }
    }
  }

  /**
   * The published models' values, as far as the types allow: logits, or what comes out of the
   * layers before the first one in which a rounding may choose another expert or another token.
   */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("goldens")
  void valuesAreAsNearAsTheTypesAllow(BackendUnderTest backend, String name) {
    try (Backend b = backend.open(0);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      Run exact = Run.of(b, name, F32);
      boolean smooth = exact.smooth == exact.layers;
      float[][] expected = golden.rows(smooth ? "logits" : "hidden." + exact.smooth);
      for (DType type : List.of(DType.F16, DType.BF16, DType.Q8_0)) {
        Run run = Run.of(b, name, types(b, name, type));
        double allowed = Tolerance.cached(type, run.smooth) + GoldenTest.TOLERANCE;
        for (int t = 0; t < run.values.length; t++) {
          assertThat(GoldenModel.relativeError(run.values[t], expected[t]))
              .as("%s after %d layers, position %d", run.types, run.smooth, t)
              .isLessThan(allowed);
        }
        if (run.smooth > 0 && !run.types.equals(F32)) {
          assertThat(Arrays.deepEquals(run.values, exact.values))
              .as("%s rounds nothing", run.types)
              .isFalse();
        }
      }
    }
  }

  /**
   * What a model makes of a prompt, half of it at once and the rest as generated tokens: both forms
   * of latent attention.
   *
   * @param smooth layers before the first that chooses by what was rounded
   * @param values logits, or the input of that layer
   */
  private record Run(CacheTypes types, int layers, int smooth, float[][] values) {
    static Run of(Backend b, String name, CacheTypes types) {
      try (GoldenModel model = open(b, name, types);
          Golden golden = new Golden(GoldenModel.folder(name))) {
        Sequence s = new Sequence(golden.ints("input_ids"));
        model.step(List.of(new Chunk(s, s.ids.length / 2, true)));
        while (s.cached < s.ids.length) {
          model.step(List.of(new Chunk(s, 1, false)));
        }
        List<LayerConfig> layers = model.config.layers();
        int smooth = 0;
        while (smooth < layers.size() && !chooses(layers.get(smooth), smooth)) {
          smooth++;
        }
        var values = smooth == layers.size() ? s.logits : s.hidden.get(smooth);
        return new Run(types, layers.size(), smooth, values.values().toArray(float[][]::new));
      }
    }

    /** The first layer's indexer sees what was not rounded yet. */
    private static boolean chooses(LayerConfig layer, int index) {
      return layer.feedForward() instanceof FeedForwardConfig.MixtureOfExperts
          || index > 0 && layer.attention() instanceof AttentionConfig.SparseLatent;
    }
  }

  /** What of a model can be kept so: index keys stay as they are, or other tokens are chosen. */
  private static CacheTypes types(Backend b, String name, DType type) {
    try (GoldenModel model = open(b, name, F32)) {
      CacheTypes all = CacheTypes.of(type);
      if (model.config.cachePlanes().contains("index")) {
        all = all.with("index", DType.F32);
      }
      if (model.config.layers().getFirst().attention().keeps(all)) {
        return all;
      }
      CacheTypes finer = all.with("rope", DType.BF16);
      return model.config.layers().getFirst().attention().keeps(finer) ? finer : F32;
    }
  }

  private static GoldenModel open(Backend b, String name, CacheTypes types) {
    return new GoldenModel(
        GoldenModel.folder(name),
        "config.json",
        b,
        IndexPrecision.EXACT,
        types,
        1,
        UnaryOperator.identity());
  }

  @Test
  void rotatedPartsLieApartWhenTheirTypeIsAnother() {
    Map<String, ModelConfig> all = TinyModel.inBlocks();
    ModelConfig dsa = all.get("DSA");
    assertThat(dsa.kvLayouts(DType.Q8_0).getFirst().bytesPerToken()).isEqualTo(3 * 34);
    CacheTypes apart = CacheTypes.of(DType.Q8_0).with("rope", DType.BF16);
    assertThat(dsa.kvLayouts(apart).getFirst().planes())
        .extracting(p -> p.name() + " " + p.dim() + " " + p.dtype())
        .containsExactly("latent 32 Q8_0", "rope 32 BF16", "index keys 32 Q8_0");
    assertThat(dsa.kvBytesPerToken(apart)).isEqualTo(2 * (34 + 64 + 34));
  }

  @Test
  void planesThatAModelDoesNotHaveAreNamed() {
    ModelConfig gqa = TinyModel.inBlocks().get("GQA");
    assertThatThrownBy(() -> gqa.kvLayouts(CacheTypes.parse("latent=f16", F32)))
        .hasMessage("kv-type: found plane latent, allowed for this model: keys, values");
    ModelConfig mla = TinyModel.mechanisms().get("MLA");
    assertThatThrownBy(() -> mla.kvLayouts(DType.Q8_0))
        .hasMessageContaining("kv-type of plane latent: found Q8_0, allowed for rows of 12");
  }
}
