package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Weights;
import dev.akvavit.model.DeepSeekMoe;
import java.util.List;

/** Qwen1.5-MoE and Qwen2-MoE: Qwen2's attention, and a shared expert that each token weighs. */
final class Qwen2Moe implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("qwen2_moe");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    var experts =
        new FeedForwardConfig.MixtureOfExperts(
            Qwen3Moe.router(c),
            c.integer("moe_intermediate_size"),
            c.integer("shared_expert_intermediate_size"),
            false,
            true);
    return ConfigReader.rmsModel(
        c,
        false,
        Qwen3Moe.layers(c, i -> GroupedQueryReader.attention(c, i, 0, 0, true, false), experts));
  }

  @Override
  public DeepSeekMoe.Parts mixture(
      FeedForwardConfig.MixtureOfExperts c, int layer, int hidden, Weights w) {
    var routed =
        new FeedForwardConfig.MixtureOfExperts(c.router(), c.width(), 0, c.selectionBias());
    DeepSeekMoe.Parts parts = Architecture.super.mixture(routed, layer, hidden, w);
    String p = layer(layer) + "mlp.";
    return new DeepSeekMoe.Parts(
        parts.router(),
        parts.bias(),
        parts.experts(),
        gated(p + "shared_expert.", c.sharedWidth(), hidden, false, w),
        w.matrix(p + "shared_expert_gate.weight", 1, hidden));
  }
}
