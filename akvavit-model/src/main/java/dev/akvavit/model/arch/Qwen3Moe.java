package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RouterConfig;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Qwen3-MoE: Qwen3's attention, a softmax router, no shared expert. */
final class Qwen3Moe implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("qwen3_moe");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    var sparse =
        new FeedForwardConfig.MixtureOfExperts(
            router(c), c.integer("moe_intermediate_size"), 0, false);
    return ConfigReader.rmsModel(c, false, layers(c, i -> Qwen3.attention(c, i), sparse));
  }

  /** Qwen's router: a softmax over all experts. */
  static RouterConfig router(ConfigSource c) {
    return new RouterConfig(
        c.has("num_experts") ? c.integer("num_experts") : c.integer("num_local_experts"),
        c.integer("num_experts_per_tok"),
        RouterConfig.Scoring.SOFTMAX,
        1,
        1,
        RouterConfig.GroupScore.MAX,
        c.flag("norm_topk_prob", false),
        1);
  }

  /** Layers of which every {@code decoder_sparse_step}th is a mixture unless the config says no. */
  static List<LayerConfig> layers(
      ConfigSource c, IntFunction<AttentionConfig> attention, FeedForwardConfig sparse) {
    int step = Math.max(1, c.integer("decoder_sparse_step", 1));
    List<Integer> denseOnly = c.integers("mlp_only_layers");
    int denseWidth = c.integer("intermediate_size", 0);
    return IntStream.range(0, c.integer("num_hidden_layers"))
        .mapToObj(i ->
            new LayerConfig(
                attention.apply(i),
                (i + 1) % step == 0 && !denseOnly.contains(i)
                    ? sparse
                    : new FeedForwardConfig.Gated(denseWidth, false),
                LayerConfig.Residual.SEQUENTIAL))
        .toList();
  }
}
