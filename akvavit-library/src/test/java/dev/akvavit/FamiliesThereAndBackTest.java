package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.Fp8Folder;
import dev.akvavit.format.GgufExport;
import dev.akvavit.format.QuantRecipe;
import dev.akvavit.format.SafetensorsWriter;
import dev.akvavit.model.arch.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Families without a golden checkpoint: published names and GGUF's give the same logits, within an
 * F32's error, and by way of GGUF the FP8 folder is the one that is written directly.
 */
class FamiliesThereAndBackTest {
  private static final int HIDDEN = 32;
  private static final int EXPERTS = 4;
  private static final int[] TEXT = {1, 5, 9, 2, 7, 3};
  private static final String COMMON =
      """
      {"vocab_size": 16, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4,
       "num_key_value_heads": 2, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
       "hidden_act": "silu", %s}
      """;

  @TempDir Path folder;
  private final Random random = new Random(20_261_122);
  private final SafetensorsWriter out = new SafetensorsWriter();

  @Test
  void mixtral() throws IOException {
    common(false);
    String p = "model.layers.0.block_sparse_moe.";
    matrix(p + "gate.weight", EXPERTS, HIDDEN);
    for (int e = 0; e < EXPERTS; e++) {
      matrix(p + "experts." + e + ".w1.weight", 24, HIDDEN);
      matrix(p + "experts." + e + ".w3.weight", 24, HIDDEN);
      matrix(p + "experts." + e + ".w2.weight", HIDDEN, 24);
    }
    assertSame(
        "\"model_type\": \"mixtral\", \"num_local_experts\": 4, \"num_experts_per_tok\": 2,"
            + " \"intermediate_size\": 24");
  }

  /** Llama with biases: the rows of q and k, and their biases, are reordered there and back. */
  @Test
  void llamaWithBiases() throws IOException {
    common(true);
    vector("model.layers.0.self_attn.o_proj.bias", HIDDEN);
    gated("model.layers.0.mlp.", 24);
    assertSame("\"model_type\": \"llama\", \"intermediate_size\": 24, \"attention_bias\": true");
  }

  @Test
  void qwen2Moe() throws IOException {
    common(true);
    String p = "model.layers.0.mlp.";
    matrix(p + "gate.weight", EXPERTS, HIDDEN);
    for (int e = 0; e < EXPERTS; e++) {
      gated(p + "experts." + e + ".", 24);
    }
    gated(p + "shared_expert.", 40);
    matrix(p + "shared_expert_gate.weight", 1, HIDDEN);
    assertSame(
        "\"model_type\": \"qwen2_moe\", \"num_experts\": 4, \"num_experts_per_tok\": 2,"
            + " \"moe_intermediate_size\": 24,"
            + " \"shared_expert_intermediate_size\": 40, \"norm_topk_prob\": false");
  }

  private void assertSame(String settings) throws IOException {
    Path source = Files.createDirectories(folder.resolve("source"));
    out.write(source.resolve("model.safetensors"));
    Files.writeString(source.resolve("config.json"), COMMON.formatted(settings));
    Path file = folder.resolve("x.gguf");
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      GgufExport.of(checkpoint, config, new QuantRecipe(DType.F32), (n, t, b, e) -> {}).write(file);
    }
    float[] published = logits(source);
    assertThat(logits(file)).containsExactly(published, Offset.offset(2e-5f));
    assertThat(published).doesNotContain(0);
    Path direct = fp8(source, "direct");
    Path back = fp8(file, "back");
    assertThat(Files.mismatch(weights(direct), weights(back))).as("FP8 weights").isEqualTo(-1);
    assertThat(logits(back)).isEqualTo(logits(direct));
  }

  private Path fp8(Path model, String name) {
    Path target = folder.resolve(name);
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      Fp8Folder.write(
          checkpoint, model, target, Fp8Folder.SHARD_BYTES, (n, t, b, e) -> {}, text -> {});
    }
    return target;
  }

  private static Path weights(Path model) {
    return model.resolve("model.safetensors");
  }

  private static float[] logits(Path model) {
    Workbench.Room room = new Workbench.Room(1, 32, 8);
    try (Workbench bench = Workbench.open(model, IndexPrecision.EXACT, room)) {
      bench.step(List.of(new Workbench.Chunk(0, TEXT, 0, true)));
      return bench.logits(0);
    }
  }

  private void common(boolean bias) {
    matrix("model.embed_tokens.weight", 16, HIDDEN);
    matrix("lm_head.weight", 16, HIDDEN);
    vector("model.norm.weight", HIDDEN);
    String p = "model.layers.0.";
    vector(p + "input_layernorm.weight", HIDDEN);
    vector(p + "post_attention_layernorm.weight", HIDDEN);
    for (String role : List.of("q", "k", "v")) {
      int rows = role.equals("q") ? 32 : 16;
      matrix(p + "self_attn." + role + "_proj.weight", rows, HIDDEN);
      if (bias) {
        vector(p + "self_attn." + role + "_proj.bias", rows);
      }
    }
    matrix(p + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
  }

  private void gated(String p, int width) {
    matrix(p + "gate_proj.weight", width, HIDDEN);
    matrix(p + "up_proj.weight", width, HIDDEN);
    matrix(p + "down_proj.weight", HIDDEN, width);
  }

  private void matrix(String name, int rows, int columns) {
    out.add(name, DType.F32, values(rows * columns, 0, 0.3f), rows, columns);
  }

  private void vector(String name, int size) {
    out.add(name, DType.F32, values(size, 1, 0.1f), size);
  }

  private float[] values(int count, float mean, float spread) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = mean + spread * (float) random.nextGaussian();
    }
    return values;
  }
}
