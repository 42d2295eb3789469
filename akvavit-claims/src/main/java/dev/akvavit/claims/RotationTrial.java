package dev.akvavit.claims;

import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.Rope;
import java.util.SplittableRandom;

/**
 * Whether one absorbed query can score cached latents. A key of one head is {@code k(s) = W c(s)}.
 * Without rotation its score {@code q · W c(s)} is {@code (Wᵀ q) · c(s)}: one vector serves all
 * positions. With rotation it is {@code q · R(t-s) W c(s)}, and the best single vector, found by
 * least squares, is measured by what it leaves unexplained (DeepSeek-V2, section 2.1.3).
 *
 * @param plain share of the scores that the best vector misses, keys not rotated
 * @param rotated the same, keys rotated
 */
record RotationTrial(double plain, double rotated) {
  /**
   * Four times as many positions as a latent has elements: the vector cannot learn them by heart.
   */
  static final int POSITIONS_AN_ELEMENT = 4;

  private static final int STEPS = 200;

  static RotationTrial of(Laboratory lab) {
    return lab.once(RotationTrial.class, l -> measure(Reshaped.latent(l.config("deepseek-v3"))));
  }

  static RotationTrial measure(Latent c) {
    SplittableRandom random = new SplittableRandom(5);
    double[][] w =
        gaussian(c.nopeDim(), c.kvRank() / 4, random); // a quarter: least squares is cubic
    double[][] latents = gaussian(w[0].length * POSITIONS_AN_ELEMENT, w[0].length, random);
    double[] query = gaussian(1, c.nopeDim(), random)[0];
    Rope rope = c.rope().rope(c.ropeStyle(), c.nopeDim());
    double[] still = new double[latents.length];
    double[] turned = new double[latents.length];
    for (int s = 0; s < latents.length; s++) {
      double[] key = product(w, latents[s]);
      still[s] = dot(query, key);
      turned[s] = dot(query, rotated(key, rope, s));
    }
    return new RotationTrial(missed(latents, still), missed(latents, turned));
  }

  /** Pairs of neighbours turned by position times frequency. */
  private static double[] rotated(double[] key, Rope rope, int position) {
    double[] out = new double[key.length];
    for (int i = 0; i < key.length / 2; i++) {
      double angle = (double) position * rope.inverseFrequency()[i];
      double a = key[2 * i];
      double b = key[2 * i + 1];
      out[2 * i] = a * Math.cos(angle) - b * Math.sin(angle);
      out[2 * i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
    }
    return out;
  }

  /** What remains of {@code scores} after the best {@code x} of {@code latents x}: CGLS. */
  private static double missed(double[][] latents, double[] scores) {
    double[] residual = scores.clone();
    double[] gradient = transposed(latents, residual);
    double[] direction = gradient.clone();
    double size = dot(gradient, gradient);
    double enough = 1e-28 * size;
    for (int i = 0; i < STEPS && size > enough; i++) {
      double[] moved = product(latents, direction);
      double step = size / dot(moved, moved);
      for (int s = 0; s < residual.length; s++) {
        residual[s] -= step * moved[s];
      }
      gradient = transposed(latents, residual);
      double next = dot(gradient, gradient);
      for (int j = 0; j < direction.length; j++) {
        direction[j] = gradient[j] + next / size * direction[j];
      }
      size = next;
    }
    return Math.sqrt(dot(residual, residual) / dot(scores, scores));
  }

  private static double[][] gaussian(int rows, int columns, SplittableRandom random) {
    double[][] m = new double[rows][columns];
    for (double[] row : m) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return m;
  }

  private static double[] product(double[][] m, double[] x) {
    double[] y = new double[m.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = dot(m[i], x);
    }
    return y;
  }

  private static double[] transposed(double[][] m, double[] x) {
    double[] y = new double[m[0].length];
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < y.length; j++) {
        y[j] += m[i][j] * x[i];
      }
    }
    return y;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
