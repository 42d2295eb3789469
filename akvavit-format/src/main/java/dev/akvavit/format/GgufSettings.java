package dev.akvavit.format;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's settings under GGUF's keys: {@link GgufConfig} the other way round. What GGUF has no
 * words for is refused.
 */
final class GgufSettings {
  private static final Map<String, String> ARCHITECTURES =
      Map.ofEntries(
          Map.entry("llama", "llama"),
          Map.entry("mistral", "llama"),
          Map.entry("qwen2", "qwen2"),
          Map.entry("qwen3", "qwen3"),
          Map.entry("mixtral", "llama"),
          Map.entry("qwen2_moe", "qwen2moe"),
          Map.entry("qwen3_moe", "qwen3moe"),
          Map.entry("falcon", "falcon"),
          Map.entry("gpt2", "gpt2"),
          Map.entry("gpt_bigcode", "starcoder"),
          Map.entry("deepseek_v2", "deepseek2"),
          Map.entry("deepseek_v3", "deepseek2"),
          Map.entry("kimi_k2", "deepseek2"),
          Map.entry("glm4_moe_lite", "deepseek2"),
          Map.entry("youtu", "deepseek2"),
          Map.entry("youtu_llm", "deepseek2"),
          Map.entry("mistral4", "mistral4"),
          Map.entry("deepseek_v32", "deepseek32"),
          Map.entry("glm_moe_dsa", "glm-dsa"));

  private final ModelConfig config;
  private final String origin;
  private final String arch;
  private final GgufWriter out;

  private GgufSettings(ModelConfig config, String origin, GgufWriter out) {
    this.config = config;
    this.origin = origin;
    this.arch = architecture(config, origin);
    this.out = out;
  }

  static String architecture(ModelConfig config, String origin) {
    String arch = ARCHITECTURES.get(config.modelType());
    if (arch == null) {
      throw new UnsupportedModelException(
          origin,
          "model_type",
          config.modelType(),
          "as GGUF: " + String.join(", ", ARCHITECTURES.keySet().stream().sorted().toList()));
    }
    return arch;
  }

  static void write(ModelConfig config, String origin, GgufWriter out) {
    new GgufSettings(config, origin, out).write();
  }

  private void write() {
    out.text("general.architecture", arch);
    put("context_length", config.maxPositions());
    put("embedding_length", config.hidden());
    put("block_count", config.layers().size());
    put("vocab_size", config.vocabulary());
    boolean rms = config.norm().kind() == NormConfig.Kind.RMS;
    out.number(
        arch + (rms ? ".attention.layer_norm_rms_epsilon" : ".attention.layer_norm_epsilon"),
        config.norm().eps());
    feedForward();
    AttentionConfig attention = unshared(config.layers().getFirst().attention());
    config
        .layers()
        .forEach(l -> only(unshared(l.attention()).equals(attention), "layers of two mechanisms"));
    switch (attention) {
      case AttentionConfig.GroupedQuery c -> grouped(c);
      case AttentionConfig.Latent c -> latent(c);
      case AttentionConfig.SparseLatent c -> sparse(c);
    }
  }

  /** A layer's attention, whoever selects for it. */
  private static AttentionConfig unshared(AttentionConfig attention) {
    return attention instanceof AttentionConfig.SparseLatent c
        ? new AttentionConfig.SparseLatent(c.latent(), c.indexer(), false)
        : attention;
  }

  private void sparse(AttentionConfig.SparseLatent c) {
    boolean glm = arch.equals("glm-dsa");
    only(
        c.indexer().ropeStyle() == (glm ? RopeStyle.INTERLEAVED : RopeStyle.HALVES),
        "an indexer that rotates like another's in " + arch);
    latent(c.latent());
    put("attention.indexer.head_count", c.indexer().heads());
    put("attention.indexer.key_length", c.indexer().dim());
    put("attention.indexer.top_k", c.indexer().topK());
    int layers = config.layers().size();
    boolean[] full = new boolean[layers];
    boolean shares = false;
    for (int i = 0; i < layers; i++) {
      AttentionConfig attention = config.layers().get(i).attention();
      full[i] = !((AttentionConfig.SparseLatent) attention).sharesSelection();
      shares |= !full[i];
    }
    only(glm || !shares, "selections shared by layers in " + arch);
    if (glm) {
      out.flags(arch + "." + GgufLatentConfig.INDEXER_TYPES, full);
    }
  }

  private void grouped(AttentionConfig.GroupedQuery c) {
    put("attention.head_count", c.heads());
    put("attention.head_count_kv", c.kvHeads());
    put("attention.key_length", c.headDim());
    put("attention.value_length", c.headDim());
    only(c.window() == 0 || arch.equals("llama"), "a sliding window in " + arch);
    if (c.window() != 0) {
      put("attention.sliding_window", c.window());
    }
    if (c.rope() != null) {
      only(!arch.equals("llama") || c.ropeDim() == c.headDim(), "partly rotated heads in llama");
      put("rope.dimension_count", c.ropeDim());
      rope(c.rope());
    }
  }

  private void latent(AttentionConfig.Latent c) {
    only(c.ropeStyle() == RopeStyle.INTERLEAVED, "MLA that rotates halves");
    put("attention.head_count", c.heads());
    put("attention.head_count_kv", 1);
    put("attention.kv_lora_rank", c.kvRank());
    put("attention.q_lora_rank", c.queryRank()); // 0 too: llama.cpp wants the key
    if (c.temperature() != null) {
      out.number(arch + ".attention.temperature_scale", c.temperature().beta());
      put("attention.temperature_length", c.temperature().length());
    }
    put("attention.key_length", c.kvRank() + c.ropeDim());
    put("attention.value_length", c.kvRank());
    put("attention.key_length_mla", c.nopeDim() + c.ropeDim());
    put("attention.value_length_mla", c.valueDim());
    put("rope.dimension_count", c.ropeDim());
    rope(c.rope());
  }

  private void rope(RopeConfig rope) {
    out.number(arch + ".rope.freq_base", rope.theta());
    switch (rope) {
      case RopeConfig.Plain _ -> {}
      case RopeConfig.Linear c -> {
        out.text(arch + ".rope.scaling.type", "linear");
        out.number(arch + ".rope.scaling.factor", c.factor());
      }
      case RopeConfig.Llama3 _ -> {} // a tensor: GgufExport
      case RopeConfig.Yarn c -> {
        only(c.mscale() == c.mscaleAllDim(), "mscale other than mscale_all_dim");
        only(c.attentionFactor() == 0 && c.truncate(), "yarn with attention_factor or truncate");
        out.text(arch + ".rope.scaling.type", "yarn");
        out.number(arch + ".rope.scaling.factor", c.factor());
        put("rope.scaling.original_context_length", c.originalLength());
        out.number(arch + ".rope.scaling.yarn_beta_fast", c.betaFast());
        out.number(arch + ".rope.scaling.yarn_beta_slow", c.betaSlow());
        if (c.mscaleAllDim() != 0) {
          out.number(arch + ".rope.scaling.yarn_log_multiplier", 0.1 * c.mscaleAllDim());
        }
      }
    }
  }

  private void feedForward() {
    int dense = 0;
    FeedForwardConfig.@Nullable MixtureOfExperts mixture = null;
    int firstMixture = 0;
    for (int i = 0; i < config.layers().size(); i++) {
      switch (config.layers().get(i).feedForward()) {
        case FeedForwardConfig.Gated c -> {
          only(mixture == null, "dense layers after mixtures");
          dense = c.width();
          firstMixture = i + 1;
        }
        case FeedForwardConfig.Plain c -> dense = c.width();
        case FeedForwardConfig.MixtureOfExperts c -> mixture = c;
      }
    }
    put("feed_forward_length", dense == 0 && mixture != null ? mixture.width() : dense);
    if (mixture != null) {
      mixture(mixture, firstMixture);
    } else if (arch.equals("deepseek2")) { // a dense one says so
      put("leading_dense_block_count", config.layers().size());
      put("expert_feed_forward_length", dense);
      put("expert_shared_count", 0);
    }
  }

  private void mixture(FeedForwardConfig.MixtureOfExperts c, int first) {
    RouterConfig router = c.router();
    put("expert_count", router.experts());
    put("expert_used_count", router.topK());
    put("expert_feed_forward_length", c.width());
    out.flag(arch + ".expert_weights_norm", router.normalise());
    if (!latent()) {
      only(first == 0, "dense layers in a mixture of " + arch);
      only(router.normalise() || !arch.equals("llama"), "a mixture that does not normalise");
      if (c.gatedShared()) {
        put("expert_shared_feed_forward_length", c.sharedWidth());
      }
      return;
    }
    put("leading_dense_block_count", first);
    put("expert_shared_count", c.sharedWidth() / c.width());
    put("expert_group_count", router.groups());
    put("expert_group_used_count", router.keptGroups());
    out.number(arch + ".expert_weights_scale", router.scale());
    put("expert_gating_func", router.scoring() == RouterConfig.Scoring.SOFTMAX ? 1 : 2);
  }

  private boolean latent() {
    return !(config.layers().getFirst().attention() instanceof AttentionConfig.GroupedQuery);
  }

  /** What llama.cpp computes otherwise than the file says, in words for people. */
  static List<String> notes(ModelConfig config) {
    List<String> notes = new ArrayList<>();
    config.layers().stream()
        .distinct()
        .forEach(layer -> {
          if (layer.attention() instanceof AttentionConfig.GroupedQuery c && c.window() != 0) {
            notes.add("llama.cpp looks beyond the sliding window of " + c.window() + " tokens");
          }
          if (layer.feedForward() instanceof FeedForwardConfig.MixtureOfExperts c) {
            RouterConfig router = c.router();
            if (router.groups() > 1 && router.groupScore() == RouterConfig.GroupScore.MAX) {
              notes.add(
                  "llama.cpp ranks groups of experts by their two best, this model by the best");
            }
            if (config.modelType().equals("qwen2_moe") && router.normalise()) {
              notes.add("llama.cpp does not normalise the weights of experts, this model does");
            }
            if (config.modelType().equals("qwen3_moe") && !router.normalise()) {
              notes.add("llama.cpp normalises the weights of experts, this model does not");
            }
          }
          if (layer.attention() instanceof AttentionConfig.Latent c
              && c.latentNormEps() != config.norm().eps()) {
            notes.add(
                "llama.cpp norms the latents with epsilon "
                    + config.norm().eps()
                    + ", this model with "
                    + c.latentNormEps());
          }
        });
    return notes.stream().distinct().toList();
  }

  private void put(String key, int value) {
    out.integer(arch + "." + key, value);
  }

  private void only(boolean holds, String otherwise) {
    if (!holds) {
      throw new UnsupportedModelException(origin, "as GGUF", otherwise, "what GGUF has keys for");
    }
  }
}
