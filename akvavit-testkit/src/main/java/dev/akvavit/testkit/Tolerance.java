package dev.akvavit.testkit;

import dev.akvavit.core.DType;

/**
 * How far a correct F32 computation may be from the exact value, derived from types, lengths and
 * norms (Higham 2002, chapter 3): {@code |error| <= absolute + relative * |expected|}.
 *
 * @param absolute independent of the value
 * @param relative share of the value
 */
public record Tolerance(double absolute, double relative) {
  /** Unit roundoff of F32: half the distance from 1 to the next number. */
  public static final double ROUNDOFF = 0x1p-24;

  /** What a backend's own exponential, sigmoid or error function may be off, relatively. */
  public static final double EXPONENTIAL = 1e-6;

  /** Bits must be equal. */
  public static final Tolerance NONE = new Tolerance(0, 0);

  /** A few roundings of the value itself. */
  public static Tolerance roundings(int n) {
    return new Tolerance(Float.MIN_NORMAL, n * ROUNDOFF);
  }

  /**
   * A sum of {@code n} products in any order, fused or not.
   *
   * @param magnitude at least the sum of the products' absolute values, a product of norms say
   */
  public static Tolerance dot(int n, double magnitude) {
    return new Tolerance((n + 2) * ROUNDOFF * magnitude, ROUNDOFF);
  }

  /**
   * A normalised value: the sum under the root is off by at most {@code n} roundings, its root by
   * half of them.
   */
  public static Tolerance norm(int n, double largest) {
    return new Tolerance((n / 2.0 + 8) * ROUNDOFF * largest, 8 * ROUNDOFF);
  }

  /**
   * Softmax over {@code n} scores, each off by at most {@code scoreError}, of values up to {@code
   * largest}, each off by at most {@code valueError}. A weight is off by {@code e^(2 scoreError) -
   * 1} and the roundings of two sums.
   */
  public static Tolerance softmax(int n, double scoreError, double largest, double valueError) {
    double weight = Math.expm1(2 * scoreError) + 2 * EXPONENTIAL + (2 * n + 16) * ROUNDOFF;
    return new Tolerance(weight * largest + valueError, ROUNDOFF);
  }

  /**
   * What two orders of evaluation may differ by after a chain of sums of these lengths, as a share
   * of the largest result. Roundings are independent and add like a random walk (Higham and Mary
   * 2019): {@code lambda sqrt(n)} with lambda = 8, beyond which a Gaussian does not stray in the
   * life of a test suite.
   */
  public static double chain(int... lengths) {
    double n = 0;
    for (int length : lengths) {
      n += length;
    }
    return 2 * 8 * ROUNDOFF * Math.sqrt(n);
  }

  /**
   * What rounding in the cache may change of a model's logits, as a share of the largest. Each
   * layer attends to rounded keys and rounded values; an average over independent roundings is off
   * by at most one of them, and layers add like a random walk, as in {@link #chain}.
   *
   * @param type of the coarsest plane
   */
  public static double cached(DType type, int layers) {
    double roundoff =
        switch (type) {
          case F32 -> ROUNDOFF;
          case F16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
          case Q8_0 -> 0.5 / 127; // of the largest value in a block
          default -> throw new IllegalArgumentException("no cache in " + type);
        };
    return 8 * roundoff * Math.sqrt(2.0 * layers);
  }

  /** Whether {@code found} is close enough; both NaN is. */
  public boolean allows(float expected, float found) {
    if (Float.isNaN(expected) || Float.isNaN(found)) {
      return Float.isNaN(expected) && Float.isNaN(found);
    }
    return Math.abs((double) expected - found) <= absolute + relative * Math.abs(expected);
  }
}
