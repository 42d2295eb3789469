package dev.akvavit.testkit.naive;

import dev.akvavit.testkit.Tolerance;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * A vector in double precision, and beside each element the error that an F32 computation of it
 * would typically have.
 *
 * <p>Roundings are taken as independent: they add in squares, as errors of measurements do (Higham
 * and Mary 2019 derive the same growth for sums). So a tolerance follows from the very numbers at
 * hand, through every product and norm.
 *
 * @param value exact, as far as doubles are
 * @param error standard deviation of F32's deviation
 */
public record Approx(double[] value, double[] error) {
  /** Deviations beyond this many standard deviations are errors, not roundings. */
  public static final double DEVIATIONS = 16;

  private static final double U = Tolerance.ROUNDOFF;

  /** A number with its error. */
  public record Scalar(double value, double error) {}

  /** What F32 holds exactly. */
  public static Approx exact(float[] values) {
    double[] v = new double[values.length];
    Arrays.setAll(v, i -> values[i]);
    return new Approx(v, new double[v.length]);
  }

  public int size() {
    return value.length;
  }

  public Approx slice(int from, int width) {
    return new Approx(
        Arrays.copyOfRange(value, from, from + width),
        Arrays.copyOfRange(error, from, from + width));
  }

  public static Approx concat(Approx... parts) {
    int size = Arrays.stream(parts).mapToInt(Approx::size).sum();
    double[] v = new double[size];
    double[] e = new double[size];
    int at = 0;
    for (Approx p : parts) {
      System.arraycopy(p.value, 0, v, at, p.size());
      System.arraycopy(p.error, 0, e, at, p.size());
      at += p.size();
    }
    return new Approx(v, e);
  }

  /** {@code w x} for a matrix of exact rows. */
  public Approx times(double[][] w) {
    Approx out = new Approx(new double[w.length], new double[w.length]);
    for (int j = 0; j < w.length; j++) {
      Scalar s = dot(new Approx(w[j], new double[w[j].length]));
      out.value[j] = s.value;
      out.error[j] = s.error;
    }
    return out;
  }

  /** Every partial sum is rounded once. */
  public Scalar dot(Approx other) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < value.length; i++) {
      double product = value[i] * other.value[i];
      sum += product;
      squares += square(error[i] * other.value[i]) + square(value[i] * other.error[i]);
      squares += square(U * product) + square(U * sum);
    }
    return new Scalar(sum, Math.sqrt(squares));
  }

  public Approx plus(Approx other) {
    return map(
        i -> value[i] + other.value[i],
        (i, v) -> Math.hypot(Math.hypot(error[i], other.error[i]), U * v));
  }

  public Approx plus(double[] bias) {
    return plus(new Approx(bias, new double[bias.length]));
  }

  public Approx times(double factor) {
    return map(i -> value[i] * factor, (i, v) -> Math.hypot(error[i] * factor, 2 * U * v));
  }

  /** Element by element. */
  public Approx times(Approx other) {
    return map(
        i -> value[i] * other.value[i],
        (i, v) ->
            Math.hypot(Math.hypot(error[i] * other.value[i], value[i] * other.error[i]), U * v));
  }

  /** A function whose slope is at most {@code slope}, computed with a backend's own exponential. */
  public Approx apply(DoubleUnaryOperator f, double slope) {
    return map(
        i -> f.applyAsDouble(value[i]),
        (i, v) ->
            Math.hypot(
                error[i] * slope,
                (Tolerance.EXPONENTIAL + 4 * U) * Math.max(Math.abs(v), Math.abs(value[i]))));
  }

  /** {@code gain x / sqrt(mean(x²) + eps)}. */
  public Approx rmsNorm(double[] gain, double eps) {
    double squares = 0;
    double spread = 0;
    for (int i = 0; i < value.length; i++) {
      squares += square(value[i]);
      spread += square(value[i] * error[i]);
    }
    double factor = 1 / Math.sqrt(squares / value.length + eps);
    double relative =
        Math.sqrt(spread) / (squares + value.length * eps) + (2 + Math.sqrt(value.length)) * U;
    return map(
        i -> value[i] * factor * gain[i],
        (i, v) -> Math.hypot(error[i] * factor * gain[i], v * (relative + 2 * U)));
  }

  /** {@code gain (x - mean) / sqrt(variance + eps) + bias}. */
  public Approx layerNorm(double[] gain, double[] bias, double eps) {
    double sum = 0;
    double spread = 0;
    double largest = 0;
    for (int i = 0; i < value.length; i++) {
      sum += value[i];
      spread += square(error[i]);
      largest = Math.max(largest, Math.abs(value[i]));
    }
    double mean = sum / value.length;
    double meanError =
        Math.hypot(Math.sqrt(spread) / value.length, Math.sqrt(value.length) * U * largest);
    Approx centred =
        map(i -> value[i] - mean, (i, v) -> Math.hypot(Math.hypot(error[i], meanError), U * v));
    return centred.rmsNorm(gain, eps).plus(bias);
  }

  /** {@code sum_i p_i v_i} with {@code p = softmax(scores)}. */
  public static Approx mix(Scalar[] scores, Approx[] values) {
    int n = scores.length;
    double max = Arrays.stream(scores).mapToDouble(Scalar::value).max().orElseThrow();
    double[] p = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      p[i] = Math.exp(scores[i].value - max);
      sum += p[i];
    }
    int width = values[0].size();
    double[] v = new double[width];
    double[] e = new double[width];
    double weightError = 2 * Tolerance.EXPONENTIAL + (4 + Math.sqrt(n)) * U;
    for (int d = 0; d < width; d++) {
      for (int i = 0; i < n; i++) {
        v[d] += p[i] / sum * values[i].value[d];
      }
      double squares = square(U * v[d]);
      for (int i = 0; i < n; i++) {
        double share = p[i] / sum;
        double scoreError = Math.hypot(scores[i].error, U * Math.abs(scores[i].value - max));
        squares += square(share * (values[i].value[d] - v[d]) * scoreError);
        squares +=
            square(share * values[i].error[d]) + square(share * values[i].value[d] * weightError);
      }
      e[d] = Math.sqrt(squares);
    }
    return new Approx(v, e);
  }

  /** The largest deviation of {@code found}, in standard deviations; infinite for NaN. */
  public double deviations(float[] found) {
    double worst = 0;
    for (int i = 0; i < value.length; i++) {
      double off =
          Math.abs(found[i] - value[i]) / (error[i] + U * Math.abs(value[i]) + Float.MIN_NORMAL);
      worst = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(worst, off);
    }
    return worst;
  }

  private interface Element {
    double of(int i);
  }

  private interface ErrorOf {
    double of(int i, double value);
  }

  private Approx map(Element f, ErrorOf error) {
    Approx out = new Approx(new double[value.length], new double[value.length]);
    for (int i = 0; i < value.length; i++) {
      out.value[i] = f.of(i);
      out.error[i] = error.of(i, out.value[i]);
    }
    return out;
  }

  private static double square(double x) {
    return x * x;
  }
}
