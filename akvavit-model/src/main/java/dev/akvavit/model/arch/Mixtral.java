package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import dev.akvavit.model.DeepSeekMoe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Mixtral: Mistral's attention, and in every layer a few of eight experts whose softmax is taken
 * over the chosen ones, which is a softmax over all, divided by what the chosen ones add up to.
 */
final class Mixtral implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("mixtral");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    RouterConfig router =
        new RouterConfig(
            c.integer("num_local_experts"),
            c.integer("num_experts_per_tok"),
            RouterConfig.Scoring.SOFTMAX,
            1,
            1,
            RouterConfig.GroupScore.MAX,
            true,
            1);
    AttentionConfig attention = GroupedQueryReader.attention(c, 0, 0, 0, false, false);
    var experts =
        new FeedForwardConfig.MixtureOfExperts(router, c.integer("intermediate_size"), 0, false);
    return ConfigReader.rmsModel(
        c,
        false,
        Collections.nCopies(
            c.integer("num_hidden_layers"),
            new LayerConfig(attention, experts, LayerConfig.Residual.SEQUENTIAL)));
  }

  /** Published as w1 (gate), w3 (up) and w2 (down) of {@code block_sparse_moe}. */
  @Override
  public DeepSeekMoe.Parts mixture(
      FeedForwardConfig.MixtureOfExperts c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "block_sparse_moe.";
    if (!w.has(p + "gate.weight")) {
      return Architecture.super.mixture(c, layer, hidden, w);
    }
    int count = c.router().experts();
    List<Weight> gate = new ArrayList<>();
    List<Weight> up = new ArrayList<>();
    List<Weight> down = new ArrayList<>();
    for (int e = 0; e < count; e++) {
      String expert = p + "experts." + e + ".";
      gate.add(w.matrix(expert + "w1.weight", c.width(), hidden));
      up.add(w.matrix(expert + "w3.weight", c.width(), hidden));
      down.add(w.matrix(expert + "w2.weight", hidden, c.width()));
    }
    return new DeepSeekMoe.Parts(
        w.matrix(p + "gate.weight", count, hidden),
        null,
        new ExpertWeights(gate, up, down),
        null,
        null);
  }
}
