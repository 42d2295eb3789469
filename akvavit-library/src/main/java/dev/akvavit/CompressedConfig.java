package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.plan.CompressedShape;
import java.util.List;

/** Reads DeepSeek-V4's config as far as its memory goes; the engine does not compute it. */
final class CompressedConfig {
  private static final String MODEL_TYPE = "deepseek_v4";

  /** Parts of names that settings of what is cached have had in published configs. */
  private static final List<String> CACHED =
      List.of("attn", "attention", "head", "window", "index", "compress", "kv", "latent", "rank");

  /** Parts of names that are about rotation, which turns rows and does not size them. */
  private static final String ROTATION = "rope";

  private CompressedConfig() {}

  static boolean isOf(ConfigSource c) {
    return c.text("model_type", "").equals(MODEL_TYPE);
  }

  /**
   * @throws MalformedFileException naming the key that is missing or out of range
   * @throws UnsupportedModelException when a key about the cache was not understood
   */
  static CompressedShape read(ConfigSource c) {
    int layers = c.integer("num_hidden_layers");
    List<Integer> ratios = c.integers("compress_ratios");
    if (ratios.size() < layers) { // more are of blocks that predict further tokens
      throw new MalformedFileException(
          c.origin(), "compress_ratios", ratios.size() + " entries", layers + " or more");
    }
    if (c.integer("num_key_value_heads", 1) != 1) {
      throw new UnsupportedModelException(
          c.origin(), "num_key_value_heads", c.raw("num_key_value_heads"), "1");
    }
    CompressedShape shape;
    try {
      shape =
          new CompressedShape(
              MODEL_TYPE,
              c.integer("max_position_embeddings"),
              c.integer("hidden_size"),
              c.integer("vocab_size"),
              ratios.subList(0, layers),
              attention(c),
              experts(c),
              c.integer("hc_mult"));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(
          c.origin(), "config", String.valueOf(e.getMessage()), "a consistent config", e);
    }
    refuseUnread(c);
    return shape;
  }

  private static CompressedShape.Attention attention(ConfigSource c) {
    return new CompressedShape.Attention(
        c.integer("num_attention_heads"),
        c.integer("head_dim"),
        c.integer("qk_rope_head_dim"),
        c.integer("sliding_window"),
        c.integer("q_lora_rank"),
        c.integer("o_groups"),
        c.integer("o_lora_rank"),
        c.integer("index_n_heads"),
        c.integer("index_head_dim"),
        c.integer("index_topk"));
  }

  private static CompressedShape.Experts experts(ConfigSource c) {
    return new CompressedShape.Experts(
        c.integer("n_routed_experts"),
        c.integer("n_shared_experts"),
        c.integer("num_experts_per_tok"),
        c.integer("moe_intermediate_size"));
  }

  private static void refuseUnread(ConfigSource c) {
    for (String key : c.unread()) {
      boolean cached = CACHED.stream().anyMatch(key::contains) && !key.contains(ROTATION);
      if (cached && !c.neutral(key)) {
        throw new UnsupportedModelException(
            c.origin(),
            key,
            c.raw(key),
            "settings of the cache that DeepSeek-V4 was published with");
      }
    }
  }
}
