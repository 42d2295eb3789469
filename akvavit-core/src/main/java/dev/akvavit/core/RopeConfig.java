package dev.akvavit.core;

/**
 * How a model's rotary frequencies follow from its config, before a pairing is chosen.
 *
 * <p>Unscaled frequencies are {@code theta^(-2i/r)}. All scalings act at every position, not only
 * beyond the original length.
 */
public sealed interface RopeConfig {
  float theta();

  /** Frequencies of {@code dim} rotated elements with this config's scaling. */
  default Rope rope(RopeStyle style, int dim) {
    float[] f = new float[dim / 2];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) scaled(Math.pow(theta(), -2.0 * i / dim), i, dim);
    }
    return new Rope(style, f, magnitude());
  }

  /** The scaled value of frequency {@code f}, the {@code i}-th of {@code dim / 2}. */
  double scaled(double f, int i, int dim);

  /** Factor on cosine and sine. */
  default float magnitude() {
    return 1;
  }

  /** No scaling. */
  record Plain(float theta) implements RopeConfig {
    public Plain {
      Require.positive("rope_theta", theta);
    }

    @Override
    public double scaled(double f, int i, int dim) {
      return f;
    }
  }

  /** Position interpolation (Chen et al. 2023): positions divided by {@code factor}. */
  record Linear(float theta, float factor) implements RopeConfig {
    public Linear {
      Require.positive("rope_theta", theta);
      Require.positive("rope scaling factor", factor);
    }

    @Override
    public double scaled(double f, int i, int dim) {
      return f / factor;
    }
  }

  /**
   * Llama-3.1: wavelengths beyond the original length are stretched, short ones kept, those between
   * blended.
   */
  record Llama3(float theta, float factor, float lowFactor, float highFactor, int originalLength)
      implements RopeConfig {
    public Llama3 {
      Require.positive("rope_theta", theta);
      Require.positive("rope scaling factor", factor);
      Require.positive("original_max_position_embeddings", originalLength);
      Require.positive("low_freq_factor", lowFactor);
      Require.that(
          highFactor > lowFactor,
          "high_freq_factor " + highFactor + " must exceed low_freq_factor " + lowFactor);
    }

    @Override
    public double scaled(double f, int i, int dim) {
      double wavelength = 2 * Math.PI / f;
      if (wavelength > originalLength / (double) lowFactor) {
        return f / factor;
      }
      if (wavelength < originalLength / (double) highFactor) {
        return f;
      }
      double smooth = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor);
      return (1 - smooth) * f / factor + smooth * f;
    }
  }

  /**
   * YaRN (Peng et al. 2023), as DeepSeek uses it: a ramp between interpolated and original
   * frequencies.
   *
   * @param mscale enters the magnitude on cosine and sine; 0 when absent
   * @param mscaleAllDim enters that magnitude inversely and, squared, the softmax scale; 0 when
   *     absent
   * @param attentionFactor the magnitude itself, when a config states it; 0 when absent
   * @param truncate whether the ends of the ramp are rounded to whole pairs
   */
  record Yarn(
      float theta,
      float factor,
      int originalLength,
      float betaFast,
      float betaSlow,
      float mscale,
      float mscaleAllDim,
      float attentionFactor,
      boolean truncate)
      implements RopeConfig {

    public Yarn {
      Require.positive("rope_theta", theta);
      Require.positive("rope scaling factor", factor);
      Require.positive("original_max_position_embeddings", originalLength);
      Require.positive("beta_slow", betaSlow);
      Require.that(
          betaFast >= betaSlow,
          "beta_fast " + betaFast + " must not be less than beta_slow " + betaSlow);
    }

    @Override
    public double scaled(double f, int i, int dim) {
      double low = correction(betaFast, dim);
      double high = correction(betaSlow, dim);
      if (truncate) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, dim - 1);
      if (low == high) {
        high += 0.001;
      }
      double ramp = Math.clamp((i - low) / (high - low), 0.0, 1.0);
      return f / factor * ramp + f * (1 - ramp);
    }

    /** The (fractional) pair that turns {@code rotations} times within the original length. */
    private double correction(double rotations, int dim) {
      return dim * Math.log(originalLength / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    @Override
    public float magnitude() {
      if (attentionFactor != 0) {
        return attentionFactor;
      }
      if (mscale != 0 && mscaleAllDim != 0) {
        return (float) (attention(mscale) / attention(mscaleAllDim));
      }
      return (float) attention(1);
    }

    /** {@code m(s, mu) = 0.1 mu ln s + 1}. */
    private double attention(double mu) {
      return factor <= 1 ? 1 : 0.1 * mu * Math.log(factor) + 1;
    }

    /**
     * {@code m(s, mscaleAllDim)^2}: DeepSeek's factor on the softmax scale; 1 when the config has
     * no such key.
     */
    public double softmaxFactor() {
      double m = mscaleAllDim == 0 ? 1 : attention(mscaleAllDim);
      return m * m;
    }
  }
}
