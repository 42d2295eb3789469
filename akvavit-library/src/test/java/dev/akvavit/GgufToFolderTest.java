package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.Fp8Folder;
import dev.akvavit.format.GgufExport;
import dev.akvavit.format.QuantRecipe;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.text.Prompt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A folder that went through GGUF becomes the very FP8 folder that it becomes directly: the same
 * bytes of every tensor, the same logits, the same tokens.
 */
class GgufToFolderTest {
  private static final int[] PROMPT = {7, 101, 32, 64, 99, 3, 200, 45, 12, 250, 31, 17};
  private static final int GREEDY = 8;

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
        "deepseek-v2",
        "deepseek-v2-lite",
        "deepseek-v3",
        "deepseek-v3-noyarn",
        "deepseek-v3.2",
        "glm-moe-dsa",
        "mistral4-mla"
      })
  void theSameFolderByWayOfGguf(String name) throws IOException {
    Path source = golden(name);
    Path direct = fp8(source, folder.resolve("direct"));
    List<float[]> expected = logits(direct);
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      Path file = gguf(source, folder.resolve(type + ".gguf"), type);
      Path back = fp8(file, folder.resolve("by-" + type));
      assertThat(Files.mismatch(weights(direct), weights(back)))
          .as("weights by way of %s", type)
          .isEqualTo(-1);
      assertThat(logits(back)).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  /** What is FP8 already is divided by its factors once more, which may turn a last bit. */
  @Test
  void fromFp8ByWayOfGguf() throws IOException {
    Path source = golden("deepseek-v3-fp8");
    Path direct = fp8(source, folder.resolve("direct"));
    Path file = gguf(source, folder.resolve("f32.gguf"), DType.F32);
    List<float[]> expected = logits(direct);
    List<float[]> found = logits(fp8(file, folder.resolve("back")));
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).usingComparatorWithPrecision(2e-3f).containsExactly(expected.get(i));
    }
  }

  @Test
  void familiesOfOtherNamesAreRefused() throws IOException {
    for (String name : List.of("gpt2-mha", "starcoder-mqa")) {
      Path file = gguf(golden(name), folder.resolve(name + ".gguf"), DType.F32);
      assertThatThrownBy(() -> fp8(file, folder.resolve(name)))
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessageContainingAll("model_type", "gpt", "llama", "--type q8_0");
      assertThat(folder.resolve(name)).doesNotExist();
      assertThat(folder.resolve(name + ".part")).doesNotExist();
    }
  }

  /** Tokenizer, chat template and way to generate go along, also from blocks of 8 bits. */
  @ParameterizedTest
  @ValueSource(strings = {"F32", "Q8_0"})
  void theDefaultModelThereAndBack(DType type) {
    Path file = folder.resolve("java.gguf");
    Quantization.run(DefaultModel.folder(), file, type, t -> {});
    Path target = folder.resolve("java-fp8");
    Quantization.Result result = Quantization.fp8(file, target, t -> {});
    assertThat(result.tensors()).allMatch(t -> t.relativeError() < 0.05);
    String prompt = "package org.example;\n\npublic final class Strings {\n";
    ModelOptions options = ModelOptions.DEFAULT.withContext(256);
    try (LanguageModel first = LanguageModel.open(DefaultModel.folder(), options);
        LanguageModel last = LanguageModel.open(target, options)) {
      for (String text : List.of(prompt, "  Zażółć\t\"gęślą\" 12345\r\n\r\n  // 漢字 🙂<|end|>")) {
        assertThat(last.tokenizer().encodeDocument(Prompt.template(text)))
            .isEqualTo(first.tokenizer().encodeDocument(Prompt.template(text)));
      }
      assertThat(last.fillsIn()).isEqualTo(first.fillsIn());
      assertThat(last.summary().parameters()).isEqualTo(first.summary().parameters());
      GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(8);
      assertThat(last.generate(prompt, how).text()).isEqualTo(first.generate(prompt, how).text());
    }
  }

  /** Logits after a prompt, then after each token that they choose. */
  private static List<float[]> logits(Path model) {
    List<float[]> all = new ArrayList<>();
    Workbench.Room room = new Workbench.Room(1, PROMPT.length + GREEDY, PROMPT.length);
    try (Workbench bench = Workbench.open(model, IndexPrecision.EXACT, room)) {
      bench.step(List.of(new Workbench.Chunk(0, PROMPT, 0, true)));
      for (int i = 0; i < GREEDY; i++) {
        float[] logits = bench.logits(0).clone();
        all.add(logits);
        int best = 0;
        for (int j = 1; j < logits.length; j++) {
          best = logits[j] > logits[best] ? j : best;
        }
        int[] chosen = {best};
        bench.step(List.of(new Workbench.Chunk(0, chosen, PROMPT.length + i, false)));
      }
    }
    assertThat(all.getFirst()).doesNotContain(Float.NaN);
    return all;
  }

  private static Path weights(Path model) {
    return model.resolve("model.safetensors");
  }

  private static Path fp8(Path model, Path target) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      Fp8Folder.write(
          checkpoint, model, target, Fp8Folder.SHARD_BYTES, (n, t, b, e) -> {}, text -> {});
    }
    return target;
  }

  private static Path gguf(Path model, Path target, DType type) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      GgufExport.of(checkpoint, config, new QuantRecipe(type), (n, t, b, e) -> {}).write(target);
    }
    return target;
  }

  private Path golden(String name) throws IOException {
    Path to = Files.createDirectories(folder.resolve("source-" + name));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      try (InputStream in =
          GgufToFolderTest.class.getResourceAsStream("/golden/" + name + "/" + file)) {
        assertThat(in).as(name + "/" + file).isNotNull();
        Files.write(to.resolve(file), in.readAllBytes());
      }
    }
    return to;
  }
}
