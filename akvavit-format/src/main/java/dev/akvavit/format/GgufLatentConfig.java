package dev.akvavit.format;

import dev.akvavit.core.UnsupportedModelException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Settings of the DeepSeek line, which GGUF tells apart less than Hugging Face does: V2, V3, Kimi
 * K2, GLM 4.7 Flash and others are all {@code deepseek2}, and differ in how the router scores.
 *
 * <p>Files before 2025 lack what later ones say. What is absent is taken as llama.cpp takes it,
 * except groups of experts: V2 and V3 were published with them, whatever the file says of it.
 */
final class GgufLatentConfig {
  /** Layers with an indexer of their own, of GLM-5.2; absent where all have one. */
  static final String INDEXER_TYPES = "attention.indexer.types";

  /** GLM-5.2 has this context; its first files do not say which layers select. */
  private static final int GLM_52_CONTEXT = 1 << 20;

  private static final int SOFTMAX = 1;
  private static final int SIGMOID = 2;

  private final GgufConfig in;
  private final GgufModel model;
  private final ConfigDraft config;

  GgufLatentConfig(GgufConfig in, GgufModel model) {
    this.in = in;
    this.model = model;
    config = in.draft();
  }

  void deepSeek2() {
    if (in.integer("expert_count", 0) == 0) {
      dense();
      return;
    }
    boolean sigmoid = gating() == SIGMOID;
    if (!sigmoid && in.has("attention.temperature_scale")) {
      mistral4();
      return;
    }
    in.rmsModel(sigmoid ? "deepseek_v3" : "deepseek_v2");
    attention();
    mixture();
    groups(sigmoid);
  }

  /** Youtu-LLM: MLA in a dense model. */
  private void dense() {
    in.rmsModel("youtu_llm");
    attention();
    config.put("intermediate_size", in.integer("feed_forward_length"));
    in.integer("leading_dense_block_count", 0); // all of them
    in.integer("expert_feed_forward_length", 0);
    in.integer("expert_shared_count", 0);
    in.integer("expert_gating_func", 0);
  }

  /** Mistral's models of MLA: queries that grow with position, a softmax router. */
  void mistral4() {
    in.rmsModel("mistral4");
    in.only("expert_gating_func", in.integer("expert_gating_func", SOFTMAX), SOFTMAX);
    attention("rope_parameters");
    mixture();
    config
        .put("n_group", in.integer("expert_group_count", 1))
        .put("topk_group", in.integer("expert_group_used_count", 1))
        .put("norm_topk_prob", in.flag("expert_weights_norm", false));
  }

  /** V3.2 and GLM-5: a lightning indexer beside V3's parts. */
  void sparse(String modelType) {
    in.rmsModel(modelType);
    in.only("expert_gating_func", in.integer("expert_gating_func", SIGMOID), SIGMOID);
    attention();
    mixture();
    groups(true);
    config
        .put("index_n_heads", in.integer("attention.indexer.head_count"))
        .put("index_head_dim", in.integer("attention.indexer.key_length"))
        .put("index_topk", in.integer("attention.indexer.top_k"));
    if (modelType.equals("glm_moe_dsa")) {
      config.put("indexer_types", indexerTypes());
    }
  }

  private List<String> indexerTypes() {
    String key = model.architecture() + "." + INDEXER_TYPES;
    boolean[] full = model.metadata().hasArray(key) ? model.metadata().flags(key) : new boolean[0];
    boolean fourth = full.length == 0 && in.integer("context_length") >= GLM_52_CONTEXT;
    return IntStream.range(0, in.layers())
        .mapToObj(i -> i < full.length ? full[i] : !fourth || i < 2 || i % 4 == 2)
        .map(own -> own ? "full" : "shared")
        .toList();
  }

  /** Absent before V3; GLM 4.7 Flash came without it too and is known by its depth. */
  private int gating() {
    int blocks = in.integer("block_count");
    int fallback = blocks == 47 || blocks == 48 ? SIGMOID : SOFTMAX;
    int found = in.integer("expert_gating_func", 0);
    int gating = found == 0 ? fallback : found;
    if (gating != SOFTMAX && gating != SIGMOID) {
      throw new UnsupportedModelException(
          model.metadata().file(),
          model.architecture() + ".expert_gating_func",
          String.valueOf(gating),
          "1 (softmax), 2 (sigmoid)");
    }
    return gating;
  }

  /**
   * New files call the cached row the key ({@code key_length} 576) and keep a head's own sizes in
   * {@code *_mla}; old ones have these as {@code key_length} and {@code value_length}.
   */
  private void attention() {
    attention("rope_scaling");
  }

  /**
   * @param section where the family of models looks for rotary scaling
   */
  private void attention(String section) {
    int rope = in.integer("rope.dimension_count");
    int key = in.integer("attention.key_length", 0);
    int value = in.integer("attention.value_length", 0);
    int head = in.integer("attention.key_length_mla", key);
    config
        .put("kv_lora_rank", in.integer("attention.kv_lora_rank"))
        .put("qk_rope_head_dim", rope)
        .put("qk_nope_head_dim", head - rope)
        .put("v_head_dim", in.integer("attention.value_length_mla", value));
    if (in.integer("attention.q_lora_rank", 0) > 0) {
      config.put("q_lora_rank", in.integer("attention.q_lora_rank"));
    }
    new GgufRope(model).addTo(config, section);
  }

  private void mixture() {
    config
        .put("intermediate_size", in.integer("feed_forward_length"))
        .put("n_routed_experts", in.integer("expert_count"))
        .put("num_experts_per_tok", in.integer("expert_used_count"))
        .put("n_shared_experts", in.integer("expert_shared_count", 0))
        .put("moe_intermediate_size", in.integer("expert_feed_forward_length"))
        .put("first_k_dense_replace", in.integer("leading_dense_block_count", 0))
        .put("routed_scaling_factor", in.number("expert_weights_scale", 1));
  }

  private void groups(boolean sigmoid) {
    int experts = in.integer("expert_count");
    int groups = sigmoid && experts == 256 || !sigmoid && experts == 160 ? 8 : 1;
    int used = groups == 1 ? 1 : sigmoid ? 4 : 3;
    groups = in.integer("expert_group_count", groups);
    used = in.integer("expert_group_used_count", used);
    config
        .put("n_group", groups)
        .put("topk_group", used)
        .put("norm_topk_prob", in.flag("expert_weights_norm", sigmoid));
    if (!sigmoid) {
      config.put("topk_method", groups > 1 ? "group_limited_greedy" : "greedy");
    }
  }
}
