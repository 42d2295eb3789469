package dev.akvavit.format;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.UnsupportedModelException;
import java.util.Set;

/**
 * Settings of a GGUF model under Hugging Face's keys, so that no family of models knows the format.
 *
 * <p>For {@code llama} the converter reorders the rows of every head of q and k, from {@code [j,
 * i]} to {@code [i, j]}, {@code j} the half and {@code i} the pair: the halves that a rotation
 * pairs become neighbours. Undoing it would take a copy of both matrices; instead the config says
 * {@code rope_interleave}. Scores are sums over a head, and q and k are reordered alike, so nothing
 * changes but the order of the sum.
 *
 * <p>Keys of the architecture that nobody here reads are refused unless they are neutral: they say
 * something about the mathematics.
 */
final class GgufConfig {
  /** Keys of an architecture that change nothing here, or are checked elsewhere. */
  private static final Set<String> HARMLESS =
      Set.of(
          "vocab_size",
          "tensor_data_layout",
          "attention.causal",
          "rope.scaling.finetuned",
          "rope.dimension_count",
          "attention.key_length",
          "attention.value_length",
          "attention.head_count_kv",
          "feed_forward_length",
          "expert_group_scale",
          "interleave_moe_layer_step",
          "use_parallel_residual");

  private final GgufModel model;
  private final ConfigSource values;
  private final String arch;
  private final ConfigDraft config = new ConfigDraft();

  private GgufConfig(GgufModel model) {
    this.model = model;
    values = model.metadata().values();
    arch = model.architecture();
  }

  /**
   * The settings.
   *
   * @throws UnsupportedModelException for an architecture or a setting that this engine would
   *     compute wrongly
   */
  static JsonConfig of(GgufModel model) {
    return new GgufConfig(model).read();
  }

  private JsonConfig read() {
    switch (arch) {
      case "llama" -> llama();
      case "qwen2" -> lineOfLlama("qwen2");
      case "qwen3" -> lineOfLlama("qwen3");
      case "qwen2moe" -> {
        qwenMoe("qwen2_moe", false);
        config.put("shared_expert_intermediate_size", sharedWidth());
      }
      case "qwen3moe" -> qwenMoe("qwen3_moe", true);
      case "falcon" -> falcon();
      case "gpt2" -> gpt2("gpt2");
      case "starcoder" -> starCoder();
      case "deepseek2" -> new GgufLatentConfig(this, model).deepSeek2();
      case "mistral4" -> new GgufLatentConfig(this, model).mistral4();
      case "deepseek32" -> new GgufLatentConfig(this, model).sparse("deepseek_v32");
      case "glm-dsa" -> new GgufLatentConfig(this, model).sparse("glm_moe_dsa");
      default ->
          throw new UnsupportedModelException(
              model.metadata().file(),
              "general.architecture",
              Shown.quoted(arch),
              "llama, qwen2, qwen2moe, qwen3, qwen3moe, falcon, gpt2, starcoder, deepseek2,"
                  + " deepseek32, glm-dsa, mistral4");
    }
    copyTokens();
    refuseUnread();
    return new JsonConfig(config.members(), model.metadata().file());
  }

  private void llama() {
    boolean mixtral = integer("expert_count", 0) > 0;
    lineOfLlama(mixtral ? "mixtral" : "llama");
    config.put("rope_interleave", true);
    if (mixtral) {
      config
          .put("num_local_experts", integer("expert_count"))
          .put("num_experts_per_tok", integer("expert_used_count"))
          .put("intermediate_size", expertWidth());
      only("expert_weights_norm", flag("expert_weights_norm", true) ? 1 : 0, 1);
    } else {
      config.put("attention_bias", model.tensor("blk.0.attn_q.bias") != null);
      config.put("mlp_bias", model.tensor("blk.0.ffn_gate.bias") != null);
    }
    if (has("attention.sliding_window")) {
      config.put("sliding_window", integer("attention.sliding_window"));
    }
  }

  /**
   * @param normalise what a file means that does not say it
   */
  private void qwenMoe(String modelType, boolean normalise) {
    lineOfLlama(modelType);
    config
        .put("num_experts", integer("expert_count"))
        .put("num_experts_per_tok", integer("expert_used_count"))
        .put("moe_intermediate_size", expertWidth())
        .put("norm_topk_prob", flag("expert_weights_norm", normalise));
  }

  /** Rows of an expert; files before 2025 do not say it, their tensors do. */
  private int expertWidth() {
    int said = integer("expert_feed_forward_length", 0);
    return said > 0 ? said : columns("blk.0.ffn_down_exps.weight");
  }

  private int sharedWidth() {
    int said = integer("expert_shared_feed_forward_length", 0);
    return said > 0 ? said : columns("blk.0.ffn_down_shexp.weight");
  }

  /** What Llama, Mistral and Qwen say with the same keys. */
  private void lineOfLlama(String modelType) {
    rmsModel(modelType);
    int heads = integer("attention.head_count");
    int headDim = integer("attention.key_length", integer("embedding_length") / Math.max(1, heads));
    only("attention.value_length", integer("attention.value_length", headDim), headDim);
    int rotated = integer("rope.dimension_count", headDim);
    config.put("num_key_value_heads", model.kvHeads()).put("head_dim", headDim);
    if (rotated != headDim) {
      config.put("partial_rotary_factor", (double) rotated / headDim);
    }
    config.put("intermediate_size", integer("feed_forward_length", 0));
    new GgufRope(model).addTo(config);
  }

  /** What every model of RMS norms and rotary positions says. */
  void rmsModel(String modelType) {
    config
        .put("model_type", modelType)
        .put("hidden_size", integer("embedding_length"))
        .put("num_hidden_layers", layers())
        .put("num_attention_heads", integer("attention.head_count"))
        .put("max_position_embeddings", integer("context_length"))
        .put("rms_norm_eps", number("attention.layer_norm_rms_epsilon"))
        .put("vocab_size", rows("token_embd.weight"))
        .put("tie_word_embeddings", model.tensor("output.weight") == null);
  }

  /** Layers for multi-token prediction are counted by GGUF, not by Hugging Face. */
  int layers() {
    int layers = integer("block_count") - integer("nextn_predict_layers", 0);
    while (layers > 0 && model.tensor("blk." + (layers - 1) + ".nextn.eh_proj.weight") != null) {
      layers--;
    }
    if (layers > ModelConfig.MOST_LAYERS) {
      throw new MalformedFileException(
          model.metadata().file(),
          model.architecture() + ".block_count",
          String.valueOf(layers),
          "up to " + ModelConfig.MOST_LAYERS);
    }
    return layers;
  }

  private void falcon() {
    boolean twoNorms = model.hasBlock("attn_norm_2");
    int heads = integer("attention.head_count");
    int headDim = integer("embedding_length") / Math.max(1, heads);
    only("rope.dimension_count", integer("rope.dimension_count", headDim), headDim);
    boolean newDecoder = twoNorms || model.kvHeads() > 1;
    config
        .put("model_type", "falcon")
        .put("hidden_size", integer("embedding_length"))
        .put("num_hidden_layers", layers())
        .put("num_attention_heads", heads)
        .put("num_kv_heads", model.kvHeads())
        .put("multi_query", true)
        .put("new_decoder_architecture", newDecoder)
        .put("num_ln_in_parallel_attn", twoNorms ? 2 : 1)
        .put("ffn_hidden_size", rows("blk.0.ffn_up.weight"))
        .put("max_position_embeddings", integer("context_length"))
        .put("layer_norm_epsilon", number("attention.layer_norm_epsilon"))
        .put("vocab_size", rows("token_embd.weight"))
        .put("tie_word_embeddings", model.tensor("output.weight") == null);
    new GgufRope(model).addTo(config);
  }

  private void starCoder() {
    only("attention.head_count_kv", model.kvHeads(), 1);
    gpt2("gpt_bigcode");
    config.put("multi_query", true);
  }

  private void gpt2(String modelType) {
    config
        .put("model_type", modelType)
        .put("n_embd", integer("embedding_length"))
        .put("n_layer", layers())
        .put("n_head", integer("attention.head_count"))
        .put("n_inner", rows("blk.0.ffn_up.weight"))
        .put("n_positions", rows("position_embd.weight"))
        .put("layer_norm_epsilon", number("attention.layer_norm_epsilon"))
        .put("vocab_size", rows("token_embd.weight"))
        .put("tie_word_embeddings", model.tensor("output.weight") == null);
    integer("context_length", 0); // what the table of positions says holds
  }

  private void copyTokens() {
    for (String role : new String[] {"bos", "eos"}) {
      String key = "tokenizer.ggml." + role + "_token_id";
      if (values.has(key)) {
        config.put(role + "_token_id", values.integer(key));
      }
    }
  }

  private void refuseUnread() {
    String prefix = arch + ".";
    for (String key : values.unread()) {
      if (key.startsWith(prefix)
          && !HARMLESS.contains(key.substring(prefix.length()))
          && !values.neutral(key)) {
        throw new UnsupportedModelException(
            model.metadata().file(), key, values.raw(key), "files without that key");
      }
    }
    for (String key : model.metadata().arrayKeys()) {
      if (key.startsWith(prefix) && !key.equals(prefix + GgufLatentConfig.INDEXER_TYPES)) {
        throw new UnsupportedModelException(
            model.metadata().file(), key, "an array", "one value for all layers");
      }
    }
  }

  /** Rows of a matrix; a file without it is refused when the model asks for it. */
  private long rows(String tensor) {
    MappedTensor found = model.tensor(tensor);
    return found == null ? 0 : found.shape()[0];
  }

  private int columns(String tensor) {
    MappedTensor found = model.tensor(tensor);
    return found == null ? 0 : Math.toIntExact(found.shape()[found.shape().length - 1]);
  }

  ConfigDraft draft() {
    return config;
  }

  boolean has(String key) {
    return values.has(arch + "." + key);
  }

  int integer(String key) {
    return values.integer(arch + "." + key);
  }

  int integer(String key, int fallback) {
    return values.integer(arch + "." + key, fallback);
  }

  double number(String key) {
    return values.number(arch + "." + key);
  }

  double number(String key, double fallback) {
    return values.number(arch + "." + key, fallback);
  }

  boolean flag(String key, boolean fallback) {
    return values.flag(arch + "." + key, fallback);
  }

  /** Fails unless a setting has the one value this engine computes. */
  void only(String key, int found, int allowed) {
    if (found != allowed) {
      throw new UnsupportedModelException(
          model.metadata().file(), arch + "." + key, "" + found, "" + allowed);
    }
  }
}
