package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/** Qwen2 and 2.5: Llama with biases on q, k and v. */
final class Qwen2 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("qwen2");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    var feedForward = new FeedForwardConfig.Gated(c.integer("intermediate_size"), false);
    return ConfigReader.rmsModel(
        c,
        false,
        IntStream.range(0, c.integer("num_hidden_layers"))
            .mapToObj(i ->
                new LayerConfig(
                    GroupedQueryReader.attention(c, i, 0, 0, true, false),
                    feedForward,
                    LayerConfig.Residual.SEQUENTIAL))
            .toList());
  }
}
