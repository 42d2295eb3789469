package dev.akvavit.plan;

/** Sums of bytes that stop at the largest number: what does not fit need not wrap. */
final class Saturated {
  private Saturated() {}

  static long plus(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
