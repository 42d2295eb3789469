package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.GgufExport;
import dev.akvavit.format.QuantRecipe;
import dev.akvavit.model.arch.Architectures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Golden checkpoints written as GGUF and read again give the golden logits: names, settings, the
 * order of rows in q and k, stacked experts and the two halves of {@code kv_b} all go there and
 * back.
 */
class GgufRoundTripTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa",
        "llama-mqa",
        "mistral-gqa-window",
        "qwen2-gqa",
        "qwen3-gqa",
        "qwen3-moe",
        "falcon-mqa",
        "falcon-gqa",
        "gpt2-mha",
        "starcoder-mqa",
        "deepseek-v2",
        "deepseek-v2-lite",
        "deepseek-v3",
        "deepseek-v3-fp8",
        "deepseek-v3-noyarn",
        "deepseek-v3.2",
        "glm-moe-dsa",
        "mistral4-mla"
      })
  void goldenLogitsOutOfGguf(String name) throws IOException {
    Path source = golden(name);
    Path first = folder.resolve("first.gguf");
    export(source, first, DType.F32);
    assertGolden(first);
    Path second = folder.resolve("second.gguf");
    export(first, second, DType.F32);
    assertGolden(second);
    assertThat(Files.mismatch(first, second)).as("GGUF to GGUF loses nothing").isEqualTo(-1);
  }

  /** Every matrix that has whole blocks keeps most of what it was. */
  @ParameterizedTest
  @ValueSource(strings = {"Q8_0", "Q4_0", "F16", "BF16"})
  void errorsAreReported(DType type) throws IOException {
    Map<String, Double> errors = new TreeMap<>();
    Path file = folder.resolve("quantised.gguf");
    Path source = golden("deepseek-v3");
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      GgufExport.of(
              checkpoint,
              config,
              new QuantRecipe(type),
              (tensor, stored, bytes, error) -> errors.put(tensor, error))
          .write(file);
    }
    double most =
        Map.of(DType.Q8_0, 0.01, DType.Q4_0, 0.12, DType.F16, 1e-3, DType.BF16, 0.0).get(type);
    assertThat(errors).hasSizeGreaterThan(20).containsEntry("output_norm.weight", 0.0);
    assertThat(errors.values()).allMatch(error -> error <= most);
    try (Checkpoint checkpoint = Checkpoint.open(file, Limits.DEFAULT)) {
      assertThat(checkpoint.tensor("model.layers.0.self_attn.o_proj.weight").dtype())
          .isEqualTo(type);
      assertThat(checkpoint.tensor("model.layers.1.mlp.gate.weight").dtype()).isEqualTo(DType.F32);
    }
  }

  private void assertGolden(Path file) {
    Verification.Report report =
        Verification.run(
            file,
            Checkpoint.CONFIG,
            ModelOptions.DEFAULT.withThreads(1).withActivations(ActivationPrecision.F32));
    assertThat(report.checks()).isNotEmpty();
    report.checks().forEach(c -> assertThat(c.passed()).as("%s", c).isTrue());
  }

  private static void export(Path from, Path to, DType type) {
    try (Checkpoint checkpoint = Checkpoint.open(from)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      GgufExport.of(checkpoint, config, new QuantRecipe(type), (n, t, b, e) -> {}).write(to);
    }
  }

  private Path golden(String name) throws IOException {
    Path to = Files.createDirectories(folder.resolve("source"));
    for (String file : new String[] {"config.json", "model.safetensors", "golden.safetensors"}) {
      try (InputStream in =
          GgufRoundTripTest.class.getResourceAsStream("/golden/" + name + "/" + file)) {
        assertThat(in).as(name + "/" + file).isNotNull();
        Files.write(to.resolve(file), in.readAllBytes());
        if (file.startsWith("golden")) {
          Files.copy(to.resolve(file), folder.resolve(file));
        }
      }
    }
    return to;
  }
}
