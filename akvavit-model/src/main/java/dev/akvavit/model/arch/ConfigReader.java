package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.UnsupportedModelException;
import java.util.List;
import java.util.Set;

/**
 * Keys that many families share, read in both layouts: transformers 5's and that of most published
 * checkpoints.
 */
final class ConfigReader {
  private static final Set<String> ROPE_KEYS =
      Set.of(
          """
          rope_type type rope_theta factor low_freq_factor high_freq_factor partial_rotary_factor
          original_max_position_embeddings max_position_embeddings beta_fast beta_slow mscale
          mscale_all_dim attention_factor truncate llama_4_scaling_beta\
          """
              .split("\\s+"));

  private ConfigReader() {}

  /**
   * Rotary scaling from {@code rope_parameters}, or from {@code rope_theta} and {@code
   * rope_scaling}.
   */
  static RopeConfig rope(ConfigSource c) {
    double fallback = c.number("rope_theta", 10_000);
    String key = c.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (!c.has(key)) {
      return new RopeConfig.Plain((float) fallback);
    }
    ConfigSource r = c.section(key);
    for (String unknown : r.unread()) {
      if (!ROPE_KEYS.contains(unknown)) {
        throw new UnsupportedModelException(
            c.origin(), key + "." + unknown, r.raw(unknown), String.join(", ", ROPE_KEYS));
      }
    }
    float theta = (float) r.number("rope_theta", fallback);
    String type =
        r.has("rope_type") ? r.text("rope_type") : r.has("type") ? r.text("type") : "default";
    return switch (type) {
      case "default" -> new RopeConfig.Plain(theta);
      case "linear" -> new RopeConfig.Linear(theta, (float) r.number("factor"));
      case "llama3" ->
          new RopeConfig.Llama3(
              theta,
              (float) r.number("factor"),
              (float) r.number("low_freq_factor"),
              (float) r.number("high_freq_factor"),
              r.integer("original_max_position_embeddings"));
      case "yarn" -> yarn(c, r, theta);
      default ->
          throw new UnsupportedModelException(
              c.origin(), key + ".rope_type", type, "default, linear, llama3, yarn");
    };
  }

  private static RopeConfig yarn(ConfigSource c, ConfigSource r, float theta) {
    int original =
        r.integer("original_max_position_embeddings", c.integer("max_position_embeddings", 0));
    return new RopeConfig.Yarn(
        theta,
        (float) r.number("factor"),
        original,
        (float) r.number("beta_fast", 32),
        (float) r.number("beta_slow", 1),
        (float) r.number("mscale", 0),
        (float) r.number("mscale_all_dim", 0),
        (float) r.number("attention_factor", 0),
        r.flag("truncate", true));
  }

  /** Part of each head that rotates; 1 unless the config says otherwise. */
  static double partialRotaryFactor(ConfigSource c) {
    double outer = c.number("partial_rotary_factor", 1);
    return c.has("rope_parameters")
        ? c.section("rope_parameters").number("partial_rotary_factor", outer)
        : outer;
  }

  /** Fails unless a setting has the one value this engine computes. */
  static void only(ConfigSource c, String key, String found, String... allowed) {
    if (!List.of(allowed).contains(found)) {
      throw new UnsupportedModelException(c.origin(), key, found, String.join(", ", allowed));
    }
  }

  /** Fails when a flag that is off in every supported model is on. */
  static void off(ConfigSource c, String key) {
    only(c, key, String.valueOf(c.flag(key, false)), "false");
  }

  /** A size that others are derived from. */
  static int positive(ConfigSource c, String key) {
    int size = c.integer(key);
    if (size <= 0) {
      throw new MalformedFileException(c.origin(), key, c.raw(key), "a positive integer");
    }
    return size;
  }

  /** A model of RMS norms and rotary positions. */
  static ModelConfig rmsModel(ConfigSource c, boolean tiedByDefault, List<LayerConfig> layers) {
    return new ModelConfig(
        c.text("model_type"),
        c.integer("vocab_size"),
        c.integer("hidden_size"),
        c.integer("max_position_embeddings", 2048),
        new NormConfig(NormConfig.Kind.RMS, (float) c.number("rms_norm_eps", 1e-6)),
        false,
        c.flag("tie_word_embeddings", tiedByDefault),
        layers);
  }
}
