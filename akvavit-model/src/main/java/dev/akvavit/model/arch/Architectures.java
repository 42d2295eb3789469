package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.UnsupportedModelException;
import java.util.List;
import java.util.Locale;

/** The families this engine runs: one line each. */
public final class Architectures {
  private static final List<Architecture> ALL =
      List.of(
          new Llama(),
          new Qwen2(),
          new Qwen3(),
          new Qwen2Moe(),
          new Qwen3Moe(),
          new Mixtral(),
          new Falcon(),
          new Gpt2(),
          new StarCoder(),
          new DeepSeekV2(),
          new DeepSeekV3(),
          new DeepSeekV32(),
          new GlmMoeDsa(),
          new Mistral4(),
          new Glm4MoeLite(),
          new Youtu());

  private Architectures() {}

  /**
   * @throws UnsupportedModelException naming the {@code model_type} when no family answers to it
   */
  public static Architecture of(ConfigSource c) {
    String type = c.text("model_type");
    for (Architecture a : ALL) {
      if (a.modelTypes().contains(type)) {
        return a;
      }
    }
    throw new UnsupportedModelException(
        c.origin(), "model_type", type, String.join(", ", supported()));
  }

  /**
   * The config as the family of {@code c} reads it, after a check that no key that matters was left
   * unread.
   *
   * @throws IllegalArgumentException when the model has no index keys to keep otherwise than
   *     exactly
   */
  public static ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    Architecture architecture = of(c);
    requireFewLayers(c, c.has("num_hidden_layers") ? "num_hidden_layers" : "n_layer");
    ModelConfig config;
    try {
      config = architecture.configure(c, precision);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(
          c.origin(), "config", String.valueOf(e.getMessage()), "a consistent config", e);
    }
    UnreadKeys.refuse(c);
    requireIndexKeys(config, precision);
    return config;
  }

  /** As a plane that is not there is refused, so is a type of index keys that are not there. */
  private static void requireIndexKeys(ModelConfig config, IndexPrecision precision) {
    if (precision != IndexPrecision.EXACT
        && config.layers().stream().noneMatch(l -> l.attention() instanceof SparseLatent)) {
      throw new IllegalArgumentException(
          "index-precision: found "
              + precision.name().toLowerCase(Locale.ROOT)
              + ", allowed for this model: exact; it has no lightning indexer");
    }
  }

  /** Before a family makes so many. */
  private static void requireFewLayers(ConfigSource c, String key) {
    int layers = c.integer(key, 1);
    if (layers > ModelConfig.MOST_LAYERS) {
      throw new MalformedFileException(
          c.origin(), key, String.valueOf(layers), "up to " + ModelConfig.MOST_LAYERS);
    }
  }

  /** Every {@code model_type} that runs. */
  public static List<String> supported() {
    return ALL.stream().flatMap(a -> a.modelTypes().stream()).toList();
  }
}
