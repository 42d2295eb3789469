package dev.akvavit.format;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Rotary scaling from GGUF's keys. Three things are said differently there:
 *
 * <ul>
 *   <li>Llama 3's scaling is a tensor of divisors, {@code rope_freqs.weight}; its parameters are
 *       found again and every divisor is held against them.
 *   <li>DeepSeek's {@code mscale_all_dim} is {@code yarn_log_multiplier}, a tenth of it.
 *   <li>{@code mscale} is not kept; in every published model the two are equal.
 * </ul>
 */
final class GgufRope {
  private static final String DIVISORS = "rope_freqs.weight";

  /** Llama 3.1, 3.2 and 3.3 agree in these. */
  private static final double LOW = 1;

  private static final double HIGH = 4;
  private static final int SHORTEST = 32;
  private static final int LONGEST = 1 << 20;
  private static final double DIVISOR_TOLERANCE = 1e-4;

  private final GgufModel model;
  private final ConfigSource values;
  private final String prefix;

  GgufRope(GgufModel model) {
    this.model = model;
    values = model.metadata().values();
    prefix = model.architecture() + ".rope.";
  }

  /** Adds {@code rope_theta} and {@code rope_scaling}. */
  void addTo(ConfigDraft config) {
    addTo(config, "rope_scaling");
  }

  /** Adds {@code rope_theta} and the scaling, with what grows with position, as a section. */
  void addTo(ConfigDraft config, String section) {
    double theta = values.number(prefix + "freq_base", 10_000);
    config.put("rope_theta", theta);
    MappedTensor divisors = model.tensor(DIVISORS);
    ConfigDraft scaling = divisors == null ? scaling() : llama3(divisors.usable(), theta);
    String temperature = model.architecture() + ".attention.temperature_";
    if (values.has(temperature + "scale")) {
      scaling = scaling == null ? new ConfigDraft().put("rope_type", "default") : scaling;
      scaling
          .put("llama_4_scaling_beta", values.number(temperature + "scale"))
          .put("original_max_position_embeddings", values.integer(temperature + "length"));
    }
    if (scaling != null) {
      config.put(section, scaling);
    }
  }

  private @Nullable ConfigDraft scaling() {
    double factor =
        values.number(prefix + "scaling.factor", values.number(prefix + "scale_linear", 1));
    String type = values.text(prefix + "scaling.type", factor == 1 ? "none" : "linear");
    return switch (type) {
      case "none" -> null;
      case "linear" ->
          factor == 1 ? null : new ConfigDraft().put("rope_type", type).put("factor", factor);
      case "yarn" -> yarn(factor);
      default ->
          throw new UnsupportedModelException(
              model.metadata().file(), prefix + "scaling.type", type, "none, linear, yarn");
    };
  }

  private ConfigDraft yarn(double factor) {
    double attention = values.number(prefix + "scaling.attn_factor", 1);
    if (attention != 1) {
      throw new UnsupportedModelException(
          model.metadata().file(), prefix + "scaling.attn_factor", "" + attention, "1");
    }
    ConfigDraft yarn =
        new ConfigDraft()
            .put("rope_type", "yarn")
            .put("factor", factor)
            .put(
                "original_max_position_embeddings",
                values.integer(prefix + "scaling.original_context_length"))
            .put("beta_fast", values.number(prefix + "scaling.yarn_beta_fast", 32))
            .put("beta_slow", values.number(prefix + "scaling.yarn_beta_slow", 1));
    String multiplier = prefix + "scaling.yarn_log_multiplier";
    if (values.has(multiplier)) {
      double all = Math.rint(1e6 * values.number(multiplier) / 0.1) / 1e6;
      yarn.put("mscale", all).put("mscale_all_dim", all);
    }
    return yarn;
  }

  private ConfigDraft llama3(StoredTensor divisors, double theta) {
    if (divisors.dtype() != DType.F32 || divisors.shape().length != 1) {
      throw new MalformedFileException(
          divisors.file(), DIVISORS, divisors.toString(), "a vector of F32");
    }
    double factor = divisor(divisors, (int) divisors.elements() - 1);
    for (int length = SHORTEST; length <= LONGEST; length *= 2) {
      if (fits(divisors, theta, factor, length)) {
        return new ConfigDraft()
            .put("rope_type", "llama3")
            .put("factor", factor)
            .put("low_freq_factor", LOW)
            .put("high_freq_factor", HIGH)
            .put("original_max_position_embeddings", length);
      }
    }
    throw new UnsupportedModelException(
        divisors.file(),
        DIVISORS,
        "a scaling that ends in " + factor,
        "Llama 3's, with factors 1 and 4 and an original length of a power of two");
  }

  private static boolean fits(StoredTensor divisors, double theta, double factor, int length) {
    int pairs = (int) divisors.elements();
    for (int i = 0; i < pairs; i++) {
      double expected = llama3Divisor(Math.pow(theta, -(double) i / pairs), factor, length);
      if (!(Math.abs(divisor(divisors, i) - expected) <= DIVISOR_TOLERANCE * expected)) {
        return false;
      }
    }
    return true;
  }

  private static double divisor(StoredTensor divisors, int i) {
    return NumberFormats.read(divisors.bytes(), DType.F32, i);
  }

  /** By how much Llama 3 divides a frequency. */
  private static double llama3Divisor(double frequency, double factor, int length) {
    double wavelength = 2 * Math.PI / frequency;
    if (wavelength > length / LOW) {
      return factor;
    }
    if (wavelength < length / HIGH) {
      return 1;
    }
    double smooth = (length / wavelength - LOW) / (HIGH - LOW);
    return 1 / ((1 - smooth) / factor + smooth);
  }
}
