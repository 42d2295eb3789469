package dev.akvavit.testkit.naive;

import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.testkit.Tolerance;

/**
 * Rotary positions from the papers: RoFormer (Su 2021), position interpolation (Chen 2023), Llama
 * 3.1, YaRN (Peng 2023).
 */
final class NaiveRope {
  private NaiveRope() {}

  /**
   * Rotates the first {@code dim} elements as complex numbers {@code z e^(i position frequency)}.
   */
  static Approx rotate(Approx x, int position, RopeConfig config, RopeStyle style, int dim) {
    double[] v = x.value().clone();
    double[] e = x.error().clone();
    for (int pair = 0; pair < dim / 2; pair++) {
      int re = style == RopeStyle.INTERLEAVED ? 2 * pair : pair;
      int im = style == RopeStyle.INTERLEAVED ? 2 * pair + 1 : pair + dim / 2;
      double angle = position * frequency(config, pair, dim);
      // An F32 frequency and an F32 product: two roundings of the angle, which turn the pair that
      // far.
      double turned = 2 * Tolerance.ROUNDOFF * angle + 4 * Tolerance.ROUNDOFF;
      double cos = Math.cos(angle) * magnitude(config);
      double sin = Math.sin(angle) * magnitude(config);
      double a = x.value()[re];
      double b = x.value()[im];
      v[re] = a * cos - b * sin;
      v[im] = b * cos + a * sin;
      double spread = Math.hypot(x.error()[re], x.error()[im]) * magnitude(config);
      e[re] = e[im] = Math.hypot(spread, turned * Math.hypot(a, b) * magnitude(config));
    }
    return new Approx(v, e);
  }

  static double frequency(RopeConfig config, int pair, int dim) {
    double plain = 1 / Math.pow(config.theta(), 2.0 * pair / dim);
    return switch (config) {
      case RopeConfig.Plain c -> plain;
      case RopeConfig.Linear c -> plain / c.factor();
      case RopeConfig.Llama3 c -> llama3(c, plain);
      case RopeConfig.Yarn c -> {
        double keep = 1 - ramp(c, pair, dim);
        yield keep * plain + (1 - keep) * plain / c.factor();
      }
    };
  }

  /**
   * Turns within the original length decide: many, keep; few, stretch; between, blend by their
   * number.
   */
  private static double llama3(RopeConfig.Llama3 c, double plain) {
    double turns = c.originalLength() * plain / (2 * Math.PI);
    if (turns < c.lowFactor()) {
      return plain / c.factor();
    }
    if (turns > c.highFactor()) {
      return plain;
    }
    double keep = (turns - c.lowFactor()) / (c.highFactor() - c.lowFactor());
    return keep * plain + (1 - keep) * plain / c.factor();
  }

  /**
   * 0 for pairs that turn more than betaFast times in the original length, 1 for fewer than
   * betaSlow, linear between.
   */
  private static double ramp(RopeConfig.Yarn c, int pair, int dim) {
    double first = Math.max(0, Math.floor(pairThatTurns(c, c.betaFast(), dim)));
    double last = Math.min(dim - 1, Math.ceil(pairThatTurns(c, c.betaSlow(), dim)));
    if (first == last) {
      last += 0.001;
    }
    return Math.min(1, Math.max(0, (pair - first) / (last - first)));
  }

  /** Solves {@code length theta^(-2 i / dim) / 2 pi = turns} for i. */
  private static double pairThatTurns(RopeConfig.Yarn c, double turns, int dim) {
    return dim
        / 2.0
        * (Math.log(c.originalLength()) - Math.log(turns) - Math.log(2 * Math.PI))
        / Math.log(c.theta());
  }

  private static double magnitude(RopeConfig config) {
    return config instanceof RopeConfig.Yarn c && c.mscale() != 0 && c.mscaleAllDim() != 0
        ? m(c.factor(), c.mscale()) / m(c.factor(), c.mscaleAllDim())
        : config instanceof RopeConfig.Yarn c ? m(c.factor(), 1) : 1;
  }

  private static double m(double factor, double mu) {
    return factor > 1 ? 1 + 0.1 * mu * Math.log(factor) : 1;
  }
}
