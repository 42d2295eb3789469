package dev.akvavit.plan;

/** Sums and products of bytes that stop at the largest number: what does not fit need not wrap. */
final class Saturated {
  private Saturated() {}

  static long plus(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  static long times(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }
}
