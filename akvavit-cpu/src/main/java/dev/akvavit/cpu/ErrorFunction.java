package dev.akvavit.cpu;

/**
 * The complement of the error function, in doubles: for small arguments the power series with
 * positive terms, {@code erf z = 2/sqrt(pi) e^(-z^2) sum 2^n z^(2n+1) / (2n+1)!!}; else Laplace's
 * continued fraction (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
final class ErrorFunction {
  private static final double SPLIT = 2;
  private static final int FRACTION_DEPTH = 40; // below 1e-12 from SPLIT on

  private ErrorFunction() {}

  /** {@code x / 2 (1 + erf(x / sqrt 2))}. */
  static float gelu(float x) {
    return (float) (x / 2.0 * complement(-x / Math.sqrt(2)));
  }

  static double complement(double z) {
    if (z < 0) {
      return 2 - complement(-z);
    }
    if (z < SPLIT) {
      double term = z;
      double sum = z;
      for (int n = 1; term > 1e-17 * sum; n++) {
        term *= 2 * z * z / (2 * n + 1);
        sum += term;
      }
      return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-z * z) * sum;
    }
    double fraction = z;
    for (int n = FRACTION_DEPTH; n > 0; n--) {
      fraction = z + n / 2.0 / fraction;
    }
    return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
  }
}
