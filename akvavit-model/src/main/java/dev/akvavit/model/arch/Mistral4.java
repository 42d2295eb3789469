package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Temperature;
import java.util.List;

/** Mistral-4: MLA with queries that grow with position, and a normalised softmax router. */
final class Mistral4 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("mistral4");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    c.text("scoring_func", ""); // written by transformers, read by nothing: the router is a softmax
    c.text("topk_method", "");
    ConfigSource rope = c.section("rope_parameters");
    double beta = rope.number("llama_4_scaling_beta", 0);
    Temperature temperature =
        beta == 0
            ? null
            : new Temperature((float) beta, rope.integer("original_max_position_embeddings"));
    AttentionConfig attention = LatentReader.attention(c, temperature);
    RouterConfig router =
        LatentReader.router(
            c,
            RouterConfig.Scoring.SOFTMAX,
            RouterConfig.GroupScore.TOP_TWO,
            c.flag("norm_topk_prob", true));
    return LatentReader.model(c, i -> attention, router, false);
  }
}
