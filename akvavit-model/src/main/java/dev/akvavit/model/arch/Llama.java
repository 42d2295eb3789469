package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/** Llama 1-3 and Mistral: grouped-query attention, SwiGLU, RMS norms. */
final class Llama implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("llama", "mistral");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu", "swish");
    boolean bias = c.flag("attention_bias", false);
    var feedForward =
        new FeedForwardConfig.Gated(c.integer("intermediate_size"), c.flag("mlp_bias", false));
    return ConfigReader.rmsModel(
        c,
        false,
        IntStream.range(0, c.integer("num_hidden_layers"))
            .mapToObj(i ->
                new LayerConfig(
                    GroupedQueryReader.attention(c, i, 0, 0, bias, bias),
                    feedForward,
                    LayerConfig.Residual.SEQUENTIAL))
            .toList());
  }
}
