package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files of other converters, old and new, say in GGUF's words, and what it becomes. */
class GgufCheckpointTest {
  @TempDir Path folder;

  @Test
  void aSplitModelIsOne() throws IOException {
    Path first = folder.resolve("m-00001-of-00002.gguf");
    Path second = folder.resolve("m-00002-of-00002.gguf");
    split(llama(), 0, 2).write(first);
    GgufWriter rest = split(new GgufWriter(), 1, 2);
    matrix(rest, "blk.0.attn_q.weight", 8, 8);
    rest.write(second);
    try (Checkpoint checkpoint = Checkpoint.open(first)) {
      assertThat(checkpoint.names())
          .contains("model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight");
    }
    assertThatThrownBy(() -> Checkpoint.open(second))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("open the first part");
    Path renamed = folder.resolve("renamed.gguf");
    Files.copy(first, renamed);
    assertThatThrownBy(() -> Checkpoint.open(renamed))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("-00001-of-00002.gguf");
    split(new GgufWriter(), 0, 2).write(second);
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("split.no");
    GgufWriter again = split(new GgufWriter(), 1, 2);
    matrix(again, "token_embd.weight", 4, 8);
    again.write(second);
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("one place for each tensor");
    Files.delete(second);
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("all of its parts");
  }

  @Test
  void aFileThatIsCutSaysSo() throws IOException {
    Path file = folder.resolve("m.gguf");
    llama().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int bytes : new int[] {0, 4, 8, 20, 30, 200, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      assertThatThrownBy(() -> Checkpoint.open(file))
          .as("%d of %d bytes", bytes, whole.length)
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("the file is cut short or damaged: fetch or write it again");
    }
  }

  @Test
  void llamaInHuggingFacesWords() {
    ConfigSource c = config(llama().number("llama.rope.freq_base", 500_000), w -> {});
    assertThat(c.text("model_type")).isEqualTo("llama");
    assertThat(c.integer("vocab_size")).isEqualTo(4);
    assertThat(c.integer("head_dim")).isEqualTo(4);
    assertThat(c.integer("num_key_value_heads")).isEqualTo(2);
    assertThat(c.number("rms_norm_eps")).isEqualTo(1e-5);
    assertThat(c.number("rope_theta")).isEqualTo(500_000);
    assertThat(c.flag("rope_interleave", false)).isTrue();
    assertThat(c.flag("tie_word_embeddings", false)).isTrue();
    assertThat(c.has("rope_scaling")).isFalse();
  }

  /** DeepSeek-V2 as it was before {@code *_mla}: a head's sizes are the key's and the value's. */
  @Test
  void deepSeekOfTheOldKind() {
    GgufWriter old = deepSeek().integer("deepseek2.attention.key_length", 12);
    old.integer("deepseek2.attention.value_length", 8).integer("deepseek2.expert_count", 160);
    old.integer("deepseek2.attention.head_count_kv", 2);
    old.text("deepseek2.rope.scaling.type", "yarn").number("deepseek2.rope.scaling.factor", 40);
    old.integer("deepseek2.rope.scaling.original_context_length", 4096);
    old.number("deepseek2.rope.scaling.yarn_log_multiplier", 0.0707);
    ConfigSource c = config(old, w -> matrix(w, "blk.0.attn_kv_b.weight", 32, 16));
    assertThat(c.text("model_type")).isEqualTo("deepseek_v2");
    assertThat(c.integer("qk_nope_head_dim")).isEqualTo(8);
    assertThat(c.integer("v_head_dim")).isEqualTo(8);
    assertThat(c.text("topk_method")).isEqualTo("group_limited_greedy");
    assertThat(c.integer("n_group")).isEqualTo(8);
    assertThat(c.integer("topk_group")).isEqualTo(3);
    ConfigSource yarn = c.section("rope_scaling");
    assertThat(yarn.number("mscale_all_dim")).isEqualTo(0.707);
    assertThat(yarn.number("mscale")).isEqualTo(0.707);
    assertThat(yarn.number("factor")).isEqualTo(40);
  }

  @Test
  void deepSeekOfTheNewKind() {
    GgufWriter v3 = deepSeek().integer("deepseek2.attention.key_length", 20);
    v3.integer("deepseek2.attention.value_length", 16).integer("deepseek2.expert_count", 256);
    v3.integer("deepseek2.attention.key_length_mla", 12);
    v3.integer("deepseek2.attention.value_length_mla", 8);
    v3.integer("deepseek2.expert_gating_func", 2).flag("deepseek2.expert_weights_norm", true);
    v3.number("deepseek2.expert_weights_scale", 2.5);
    ConfigSource c = config(v3, w -> matrix(w, "blk.0.nextn.eh_proj.weight", 4, 4));
    assertThat(c.text("model_type")).isEqualTo("deepseek_v3");
    assertThat(c.integer("num_hidden_layers")).as("its layer predicts two tokens").isZero();
    assertThat(c.integer("qk_nope_head_dim")).isEqualTo(8);
    assertThat(c.integer("v_head_dim")).isEqualTo(8);
    assertThat(c.integer("n_group")).isEqualTo(8);
    assertThat(c.integer("topk_group")).isEqualTo(4);
    assertThat(c.number("routed_scaling_factor")).isEqualTo(2.5);
  }

  @Test
  void whatWouldBeComputedWronglyIsRefused() {
    refused(llama().number("llama.logit_scale", 0.5), "llama.logit_scale");
    refused(
        llama()
            .integer("llama.expert_count", 8)
            .integer("llama.expert_used_count", 2)
            .flag("llama.expert_weights_norm", false),
        "expert_weights_norm");
    refused(llama().integers("llama.attention.sliding_window_pattern", new int[3]), "an array");
    refused(llama().text("llama.rope.scaling.type", "longrope"), "longrope");
    refused(llama().integer("llama.attention.value_length", 3), "value_length");
    refused(new GgufWriter().text("general.architecture", "martian"), "martian");
    GgufWriter divisors = llama();
    divisors.add("rope_freqs.weight", DType.F32, MemorySegment.ofArray(new float[] {3, 5}), 2);
    refused(divisors, "rope_freqs.weight");
    config(llama().number("llama.logit_scale", 1), w -> {}); // neutral
  }

  /** Mixtral came as Llama with experts; a file of 2023 does not say how wide they are. */
  @Test
  void mixtralIsALlamaWithExperts() {
    GgufWriter w = llama().integer("llama.expert_count", 8).integer("llama.expert_used_count", 2);
    w.add("blk.0.ffn_down_exps.weight", DType.F32, MemorySegment.ofArray(new float[192]), 8, 8, 3);
    ConfigSource c = config(w, x -> {});
    assertThat(c.text("model_type")).isEqualTo("mixtral");
    assertThat(c.integer("num_local_experts")).isEqualTo(8);
    assertThat(c.integer("intermediate_size")).isEqualTo(3);
  }

  /** GLM-5.2's first files leave out which layers have an indexer; its depth of context tells. */
  @Test
  void layersThatShareSelections() {
    GgufWriter said = sparse(4096).flags("glm-dsa.attention.indexer.types", new boolean[] {true});
    assertThat(config(said, w -> {}).texts("indexer_types")).containsExactly("full");
    GgufWriter silent = sparse(1 << 20).integer("glm-dsa.block_count", 7);
    assertThat(config(silent, w -> {}).texts("indexer_types"))
        .containsExactly("full", "full", "full", "shared", "shared", "shared", "full");
    assertThat(config(sparse(4096), w -> {}).texts("indexer_types")).containsExactly("full");
  }

  private static GgufWriter sparse(int context) {
    GgufWriter writer =
        settings("glm-dsa")
            .integer("glm-dsa.context_length", context)
            .integer("glm-dsa.attention.kv_lora_rank", 16)
            .integer("glm-dsa.attention.q_lora_rank", 16)
            .integer("glm-dsa.attention.key_length_mla", 12)
            .integer("glm-dsa.attention.value_length_mla", 8)
            .integer("glm-dsa.rope.dimension_count", 4)
            .integer("glm-dsa.expert_count", 4)
            .integer("glm-dsa.expert_used_count", 2)
            .integer("glm-dsa.expert_feed_forward_length", 2)
            .integer("glm-dsa.attention.indexer.head_count", 2)
            .integer("glm-dsa.attention.indexer.key_length", 8)
            .integer("glm-dsa.attention.indexer.top_k", 4);
    matrix(writer, "token_embd.weight", 4, 8);
    return writer;
  }

  /** What converters write that keep q, k and v in one. */
  @Test
  void fusedProjectionsAreThree() throws IOException {
    GgufWriter writer = llama().integer("llama.attention.head_count_kv", 1);
    matrix(writer, "blk.0.attn_qkv.weight", 16, 8);
    writer.add("blk.0.attn_qkv.bias", DType.F32, MemorySegment.ofArray(new float[16]), 16);
    Path file = folder.resolve("fused.gguf");
    writer.write(file);
    try (Checkpoint c = Checkpoint.open(file)) {
      String p = "model.layers.0.self_attn.";
      assertThat(c.tensor(p + "q_proj.weight").shape()).containsExactly(8, 8);
      assertThat(c.tensor(p + "k_proj.weight").shape()).containsExactly(4, 8);
      assertThat(c.tensor(p + "v_proj.bias").shape()).containsExactly(4);
    }
  }

  @Test
  void expertsAreSlicesOfTheirStack() {
    GgufWriter writer = deepSeek().integer("deepseek2.attention.key_length", 12);
    writer.integer("deepseek2.attention.value_length", 8).integer("deepseek2.expert_count", 3);
    float[] stack = new float[3 * 2 * 4];
    for (int i = 0; i < stack.length; i++) {
      stack[i] = i;
    }
    writer.add("blk.0.ffn_gate_exps.weight", DType.F32, MemorySegment.ofArray(stack), 3, 2, 4);
    writer.add(
        "blk.0.ffn_gate_up_exps.weight", DType.F32, MemorySegment.ofArray(new float[64]), 2, 8, 4);
    Path file = folder.resolve("experts.gguf");
    writer.write(file);
    assertThatThrownBy(() -> Checkpoint.open(file))
        .as("gate twice")
        .isInstanceOf(MalformedFileException.class);
  }

  private void refused(GgufWriter writer, String named) {
    assertThatThrownBy(() -> config(writer, w -> {}))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(named);
  }

  private ConfigSource config(GgufWriter writer, Consumer<GgufWriter> more) {
    more.accept(writer);
    Path file = folder.resolve("one.gguf");
    writer.write(file);
    try (Checkpoint checkpoint = Checkpoint.open(file, Limits.DEFAULT)) {
      return checkpoint.config();
    }
  }

  private static GgufWriter llama() {
    GgufWriter writer = settings("llama");
    matrix(writer, "token_embd.weight", 4, 8);
    return writer;
  }

  private static GgufWriter deepSeek() {
    GgufWriter writer =
        settings("deepseek2")
            .integer("deepseek2.attention.kv_lora_rank", 16)
            .integer("deepseek2.rope.dimension_count", 4)
            .integer("deepseek2.expert_used_count", 2)
            .integer("deepseek2.expert_feed_forward_length", 2);
    matrix(writer, "token_embd.weight", 4, 8);
    return writer;
  }

  private static GgufWriter settings(String arch) {
    return new GgufWriter()
        .text("general.architecture", arch)
        .integer(arch + ".context_length", 64)
        .integer(arch + ".embedding_length", 8)
        .integer(arch + ".block_count", 1)
        .integer(arch + ".feed_forward_length", 16)
        .integer(arch + ".attention.head_count", 2)
        .number(arch + ".attention.layer_norm_rms_epsilon", 1e-5);
  }

  private static GgufWriter split(GgufWriter writer, int index, int count) {
    return writer.integer("split.no", index).integer("split.count", count);
  }

  private static void matrix(GgufWriter writer, String name, int rows, int columns) {
    MemorySegment bytes = MemorySegment.ofArray(new float[rows * columns]);
    writer.add(name, DType.F32, bytes, rows, columns);
  }
}
