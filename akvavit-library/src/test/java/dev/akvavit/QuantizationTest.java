package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.text.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default model with 8 and 4 bits runs, from one file, with its own tokenizer. */
class QuantizationTest {
  private static final String PROMPT =
      "// org/example/Strings.java\npackage org.example;\n\npublic final class Strings {\n";

  @TempDir Path folder;

  @Test
  void theDefaultModelRunsWithEightBits() {
    Path file = folder.resolve("java-q8.gguf");
    List<String> told = new ArrayList<>();
    Quantization.Result result =
        Quantization.run(DefaultModel.folder(), file, DType.Q8_0, t -> told.add(t.name()));
    assertThat(told).hasSameSizeAs(result.tensors()).contains("blk.9.ffn_gate_exps.weight");
    assertThat(result.tensors()).allMatch(t -> t.relativeError() < 0.01);
    ModelOptions options = ModelOptions.DEFAULT.withContext(256);
    try (LanguageModel whole = LanguageModel.open(DefaultModel.folder(), options);
        LanguageModel small = LanguageModel.open(file, options)) {
      assertThat(result.bytes()).isLessThan(whole.weights().bytes());
      assertThat(small.tokenizer().encodeDocument(Prompt.content(PROMPT)))
          .isEqualTo(whole.tokenizer().encodeDocument(Prompt.content(PROMPT)));
      assertThat(small.fillsIn()).isEqualTo(whole.fillsIn());
      assertThat(small.summary().parameters()).isEqualTo(whole.summary().parameters());
      GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(8);
      assertThat(small.generate(PROMPT, how).text()).isEqualTo(whole.generate(PROMPT, how).text());
    }
    repackingChangesNoToken(file, options);
    Path again = folder.resolve("java-q4.gguf");
    Quantization.Result smaller = Quantization.run(file, again, DType.Q4_K, t -> {});
    assertThat(smaller.bytes()).isLessThan(result.bytes() * 4 / 5);
    assertThat(smaller.tensors()).anyMatch(t -> t.type() == DType.Q5_0);
    try (LanguageModel least = LanguageModel.open(again, options)) {
      GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(4);
      assertThat(least.generate(PROMPT, how).text()).isNotBlank();
    }
  }

  /** Where it gains something; else, as with a model that has no such types, it is refused. */
  private static void repackingChangesNoToken(Path file, ModelOptions options) {
    ModelOptions repacking = options.withRepack(true);
    assertThatThrownBy(() -> LanguageModel.open(DefaultModel.folder(), repacking))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repack: found true, allowed here: false")
        .hasMessageContaining("F8_E4M3");
    boolean gains;
    try (Backend backend = Backends.open(repacking)) {
      gains = backend.repacks(DType.Q8_0);
    }
    if (!gains) {
      assertThatThrownBy(() -> LanguageModel.open(file, repacking))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("VNNI");
      return;
    }
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(24);
    try (LanguageModel mapped = LanguageModel.open(file, options);
        LanguageModel repacked = LanguageModel.open(file, repacking)) {
      assertThat(repacked.backend()).contains("weights repacked");
      assertThat(repacked.generate(PROMPT, how).text())
          .isEqualTo(mapped.generate(PROMPT, how).text());
    }
  }

  /** The default model ships in FP8 with blocks: the very bytes go on. */
  @Test
  void whatIsFp8AlreadyStaysAsItIs() {
    Path target = folder.resolve("java-fp8");
    Quantization.Result result = Quantization.fp8(DefaultModel.folder(), target, t -> {});
    assertThat(result.tensors())
        .allMatch(t -> t.relativeError() == 0)
        .filteredOn(t -> t.type() == DType.F8_E4M3)
        .hasSizeGreaterThan(100)
        .noneMatch(t -> t.name().contains("embed") || t.name().endsWith("mlp.gate.weight"));
    ModelOptions options = ModelOptions.DEFAULT.withContext(256);
    try (LanguageModel whole = LanguageModel.open(DefaultModel.folder(), options);
        LanguageModel small = LanguageModel.open(target, options)) {
      assertThat(small.tokenizer().encodeDocument(Prompt.content(PROMPT)))
          .isEqualTo(whole.tokenizer().encodeDocument(Prompt.content(PROMPT)));
      GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(4);
      assertThat(small.generate(PROMPT, how).text()).isEqualTo(whole.generate(PROMPT, how).text());
    }
  }
}
