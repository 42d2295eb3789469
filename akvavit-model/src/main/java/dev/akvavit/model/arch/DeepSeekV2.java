package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RouterConfig;
import java.util.List;

/**
 * DeepSeek-V2, V2.5 and V2-Lite: MLA, a softmax router that is greedy or limited to the best
 * groups.
 */
final class DeepSeekV2 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("deepseek_v2");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    AttentionConfig attention = LatentReader.attention(c);
    return LatentReader.model(c, i -> attention, router(c), false);
  }

  /** Weights are normalised or scaled, never both. */
  private static RouterConfig router(ConfigSource c) {
    ConfigReader.only(c, "scoring_func", c.text("scoring_func", "softmax"), "softmax");
    String method = c.text("topk_method", "greedy");
    ConfigReader.only(c, "topk_method", method, "greedy", "group_limited_greedy");
    boolean grouped = method.equals("group_limited_greedy");
    boolean normalise = c.flag("norm_topk_prob", false);
    return new RouterConfig(
        c.integer("n_routed_experts"),
        c.integer("num_experts_per_tok"),
        RouterConfig.Scoring.SOFTMAX,
        grouped ? c.integer("n_group") : Math.min(1, c.integer("n_group", 1)),
        grouped ? c.integer("topk_group") : Math.min(1, c.integer("topk_group", 1)),
        RouterConfig.GroupScore.MAX,
        normalise,
        normalise ? 1 : (float) c.number("routed_scaling_factor", 1));
  }
}
