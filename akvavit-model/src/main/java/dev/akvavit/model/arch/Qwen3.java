package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;

/** Qwen3, dense: Llama with an RMS norm on every head of q and k. */
final class Qwen3 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("qwen3");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    var feedForward = new FeedForwardConfig.Gated(c.integer("intermediate_size"), false);
    return ConfigReader.rmsModel(
        c,
        false,
        IntStream.range(0, c.integer("num_hidden_layers"))
            .mapToObj(
                i -> new LayerConfig(attention(c, i), feedForward, LayerConfig.Residual.SEQUENTIAL))
            .toList());
  }

  static AttentionConfig attention(ConfigSource c, int layer) {
    boolean bias = c.flag("attention_bias", false);
    return GroupedQueryReader.attention(
        c, layer, 128, (float) c.number("rms_norm_eps", 1e-6), bias, bias);
  }
}
