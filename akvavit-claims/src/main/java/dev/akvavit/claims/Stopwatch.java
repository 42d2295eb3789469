package dev.akvavit.claims;

import java.util.Arrays;
import java.util.List;

/**
 * Medians of interleaved repetitions: A B A B, so that a machine that slows down slows all of them
 * alike.
 */
final class Stopwatch {
  /** A sample shorter than this is repeated until it is not: clocks and wake-ups drown in it. */
  private static final long SHORTEST_NANOS = 4_000_000;

  private Stopwatch() {}

  /** Seconds of one run of each, after one that is not counted. */
  static double[] medians(int repetitions, List<Runnable> subjects) {
    subjects.forEach(Runnable::run);
    double[][] samples = new double[subjects.size()][repetitions];
    for (int r = 0; r < repetitions; r++) {
      for (int s = 0; s < samples.length; s++) {
        samples[s][r] = sample(subjects.get(s));
      }
    }
    return Arrays.stream(samples).mapToDouble(Stopwatch::median).toArray();
  }

  private static double sample(Runnable subject) {
    long start = System.nanoTime();
    long passed;
    int runs = 0;
    do {
      subject.run();
      runs++;
      passed = System.nanoTime() - start;
    } while (passed < SHORTEST_NANOS);
    return passed / 1e9 / runs;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }
}
