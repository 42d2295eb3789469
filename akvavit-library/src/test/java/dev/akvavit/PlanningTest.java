package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.plan.CapacityPlanner;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.MemoryBudget;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.Scenario;
import dev.akvavit.plan.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans from names, configs and folders; and what they say against what models allocate. */
class PlanningTest {
  private static final Path GOLDEN =
      Path.of("..", "akvavit-testkit", "src", "main", "resources", "golden");

  static List<String> shapes() {
    return Shapes.plannedNames();
  }

  static List<String> goldens() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders
          .filter(f -> Files.exists(f.resolve("config.json")))
          .filter(f -> supported(f.resolve("config.json")))
          .map(f -> f.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static boolean supported(Path config) {
    return Architectures.supported()
        .contains(JsonConfig.read(config, Limits.DEFAULT).text("model_type"));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyShapeCanBePlanned(String name) {
    Planning planning = Planning.of(name, IndexPrecision.EXACT);
    PlanReport report =
        planning.report(
            Machine.pool(4L << 40), planning.scenario(1, 0, 0, CacheTypes.of(DType.BF16)));
    assertThat(report.fits()).isTrue();
    assertThat(report.longestContext().limitedByModel()).isTrue();
    assertThat(report.mechanisms().getFirst().own()).isTrue();
    assertThat(report.kvBytesPerToken())
        .isEqualTo(report.mechanisms().getFirst().kvBytesPerToken());
  }

  /** Billions and bytes, as published or as the shapes of the papers give them. */
  @ParameterizedTest(name = "{0}: {1} B, {2} bytes a token")
  @CsvSource(
      textBlock =
          """
          llama-2-7b, 6.738, 524288
          llama-3.2-1b, 1.2358, 32768
          llama-3.2-3b, 3.2128, 114688
          llama-3.1-8b, 8.030, 131072
          llama-3-70b, 70.554, 327680
          llama-3.1-405b, 405.85, 516096
          qwen2.5-7b, 7.616, 57344
          qwen2.5-32b, 32.76, 262144
          qwen2.5-72b, 72.71, 327680
          qwen3-8b, 8.191, 147456
          qwen3-30b-a3b, 30.53, 98304
          falcon-7b, 6.922, 8192
          deepseek-v2-lite, 15.71, 31104
          deepseek-v2, 235.74, 69120
          deepseek-v3, 671.03, 70272
          deepseek-v3.2, 671.88, 85888
          kimi-k2, 1026.4, 70272
          glm-5, 743.9, 109824
          mistral-small-4, 118.97, 23040
          glm-4.7-flash, 29.94, 54144
          youtu-llm-2b, 1.96, 36864
          """)
  void publishedTotals(String name, double billions, long bytesPerToken) {
    Planning planning = Planning.of(name, IndexPrecision.EXACT);
    assertThat(planning.model().parameters().total() / 1e9)
        .isCloseTo(billions, withinPercentage(0.1));
    assertThat(planning.model().config().kvBytesPerToken(DType.BF16)).isEqualTo(bytesPerToken);
  }

  /** Totals, active parameters, and bytes a token and a user, as derived from V4's papers. */
  @ParameterizedTest(name = "{0}: {1} B, {2} B active, {3} bytes a token")
  @CsvSource(
      textBlock =
          """
          deepseek-v4-flash, 284.33, 13.8, 3514, 5.6
          src/test/resources/shapes/deepseek-v4-pro.json, 1573.0, 49.8, 5031, 8.0
          """)
  void compressedAttentionIsPlannedAndNotRun(
      String name, double billions, double active, long bytesPerToken, double windowMegabytes) {
    Planning planning = Planning.of(name, IndexPrecision.EXACT);
    assertThat(planning.weights()).isEqualTo(WeightType.FP4);
    assertThat(planning.model().parameters().total() / 1e9)
        .isCloseTo(billions, withinPercentage(0.1));
    assertThat(planning.model().parameters().active() / 1e9)
        .isCloseTo(active, withinPercentage(0.1));
    PlanReport report =
        planning.report(
            Machine.gpus(80L << 30, 16),
            planning.scenario(4, 1 << 20, 0, CacheTypes.of(DType.BF16)));
    assertThat(report.kvBytesPerToken()).isEqualTo(bytesPerToken);
    assertThat(report.cache())
        .filteredOn(r -> r.plane().equals("window"))
        .singleElement()
        .satisfies(
            r -> assertThat(r.bytesPerUser() / 1e6).isCloseTo(windowMegabytes, within(0.05)));
    assertThat(report.longestContext().limitedByModel()).isTrue();
    assertThatThrownBy(() -> planning.model().config())
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("deepseek_v4");
  }

  @Test
  void compressedAttentionIsReadFromTheConfigOrRefusedByKey(@TempDir Path folder)
      throws IOException {
    Path config = folder.resolve("config.json");
    String text = Files.readString(Path.of("src/test/resources/shapes/deepseek-v4-pro.json"));
    Files.writeString(config, text.replace("\"sliding_window\": 128", "\"sliding_window\": 256"));
    assertThat(
            Planning.of(folder.toString(), IndexPrecision.EXACT)
                .model()
                .shape()
                .cache(CacheTypes.of(DType.BF16)))
        .filteredOn(r -> r.plane().equals("window"))
        .singleElement()
        .satisfies(r -> assertThat(r.bytesPerUser()).isEqualTo(61L * 256 * 512 * 2));
    Files.writeString(config, text.replaceFirst("\\{", "{\"kv_source_layer_ids\": [4],"));
    assertThatThrownBy(() -> Planning.of(folder.toString(), IndexPrecision.EXACT))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("kv_source_layer_ids");
    Files.writeString(
        config, text.replaceFirst("\"compress_ratios\": .*", "\"compress_ratios\": [4],"));
    assertThatThrownBy(() -> Planning.of(folder.toString(), IndexPrecision.EXACT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("compress_ratios", "61");
    assertThatThrownBy(() -> RandomModel.open("deepseek-v4-flash", ModelOptions.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "shape: found deepseek-v4-flash, allowed: " + String.join(", ", Shapes.names()));
  }

  @Test
  void releasesInFp8AreReadFromTheConfig() {
    assertThat(Planning.of("deepseek-v3", IndexPrecision.EXACT).weights())
        .isEqualTo(WeightType.FP8);
    assertThat(Planning.of("qwen3-8b", IndexPrecision.EXACT).weights()).isEqualTo(WeightType.BF16);
  }

  @Test
  void aFolderIsPlannedWithTheBytesOfItsFiles() {
    Planning planning = Planning.of(DefaultModel.folder().toString(), IndexPrecision.EXACT);
    PlanReport report =
        planning.report(
            Machine.pool(1L << 33), planning.scenario(1, 0, 0, ModelOptions.DEFAULT.cacheTypes()));
    long weights =
        report.parts().stream()
            .filter(p -> p.kind() == MemoryBudget.Kind.WEIGHTS)
            .mapToLong(MemoryBudget.Part::bytes)
            .sum();
    try (LanguageModel model = LanguageModel.open(DefaultModel.folder())) {
      assertThat(weights).isEqualTo(model.weights().bytes());
      assertThat(report.kvBytesPerToken() * report.scenario().context())
          .isEqualTo(model.cacheBytes());
    }
  }

  @Test
  void aBareConfigIsPlannedAsAFileOrInAFolder(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("config.json");
    Files.copy(DefaultModel.folder().resolve("config.json"), config);
    Planning byFile = Planning.of(config.toString(), IndexPrecision.F8);
    Planning byFolder = Planning.of(folder.toString(), IndexPrecision.F8);
    assertThat(byFile.model().parameters()).isEqualTo(byFolder.model().parameters());
    assertThat(byFile.model().storedBytes()).isZero();
    String unknown = Files.readString(config).replaceFirst("\\{", "{\"attention_sinks_heads\": 4,");
    Files.writeString(config, unknown);
    assertThatThrownBy(() -> Planning.of(folder.toString(), IndexPrecision.F8))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("attention_sinks_heads");
  }

  @Test
  void whatIsNoModelIsNamedWithTheShapesThereAre() {
    assertThatThrownBy(() -> Planning.of("gpt-9", IndexPrecision.EXACT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gpt-9", "deepseek-v3", "llama-3.1-8b");
    Planning planning = Planning.of("gpt2", IndexPrecision.EXACT);
    assertThatThrownBy(() -> planning.scenario(1, 1025, 0, CacheTypes.of(DType.F32)))
        .hasMessageContainingAll("context", "1025", "1024");
  }

  /** The planner's list of activations is the decoder's, family by family. */
  @ParameterizedTest
  @MethodSource("goldens")
  void activationsAreThoseOfTheDecoder(String name) {
    Path config = GOLDEN.resolve(name).resolve("config.json");
    var source = JsonConfig.read(config, Limits.DEFAULT);
    for (IndexPrecision precision : IndexPrecision.values()) {
      if (precision != IndexPrecision.EXACT && !source.has("index_topk")) {
        continue; // and refused: it has no index keys
      }
      Planning planning = Planning.of(config.toString(), precision);
      Scenario s = planning.scenario(3, 0, 0, CacheTypes.of(DType.BF16));
      ModelOptions options =
          ModelOptions.DEFAULT
              .withThreads(1)
              .withCacheType(DType.BF16)
              .withMaxSequences(3)
              .withCacheTokens(3 * s.context());
      List<RandomWeights> made = new ArrayList<>();
      try (ModelRunner runner = runner(source, precision, options, made)) {
        CapacityPlanner planner = new CapacityPlanner(planning.model(), Machine.pool(1L << 40));
        assertThat(planner.workspaceBytes(s)).isEqualTo(runner.decoder.workspaceBytes());
        assertThat(planner.cacheBytes(s))
            .isEqualTo(
                runner.cache.bytes() / runner.cache.pages() * 3 * Math.ceilDiv(s.context(), 32));
      } finally {
        made.forEach(RandomWeights::close);
      }
    }
  }

  private static ModelRunner runner(
      ConfigSource source,
      IndexPrecision precision,
      ModelOptions options,
      List<RandomWeights> made) {
    return new ModelRunner(
        Architectures.configure(source, precision),
        Architectures.of(source),
        backend -> {
          made.add(new RandomWeights(backend, DType.BF16));
          return made.getLast();
        },
        options,
        "random");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bf16", "q8_0,rope=bf16"})
  void theCheckFindsThePlanExact(String types) {
    Planning planning = Planning.of(DefaultModel.folder().toString(), IndexPrecision.F8);
    Scenario s = planning.scenario(2, 500, 100, CacheTypes.parse(types, CacheTypes.of(DType.F32)));
    PlanCheck check = PlanCheck.of(DefaultModel.folder(), s, IndexPrecision.F8);
    assertThat(check.exact()).isTrue();
    assertThat(check.cacheAllocated()).isPositive();
    assertThat(check.totalPlanned()).isGreaterThan(check.cachePlanned());
    if (!Double.isNaN(check.off())) {
      assertThat(check.off()).isBetween(-PlanCheck.TOLERANCE, PlanCheck.TOLERANCE);
      assertThat(check.weightsRead()).isPositive();
      assertThat(check.jvmFound()).isPositive();
    }
  }
}
