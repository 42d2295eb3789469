package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.Collections;
import java.util.List;

/** Youtu-LLM: DeepSeek-V3's attention in a dense model, the smallest of those with MLA. */
final class Youtu implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("youtu", "youtu_llm");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    ConfigReader.off(c, "mlp_bias");
    c.number("embedding_initializer_range", 0); // of training
    AttentionConfig attention = LatentReader.attention(c);
    FeedForwardConfig gated = new FeedForwardConfig.Gated(c.integer("intermediate_size"), false);
    LayerConfig layer = new LayerConfig(attention, gated, LayerConfig.Residual.SEQUENTIAL);
    int layers = c.integer("num_hidden_layers");
    return ConfigReader.rmsModel(c, true, Collections.nCopies(layers, layer));
  }
}
