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

  /** Until the loops of a subject are compiled. */
  private static final long WARM_UP_NANOS = 100_000_000;

  private Stopwatch() {}

  /** Seconds of one run of each, after a warm-up that is not counted. */
  static double[] medians(int repetitions, List<Runnable> subjects) {
    subjects.forEach(s -> repeat(s, WARM_UP_NANOS));
    double[][] samples = new double[subjects.size()][repetitions];
    for (int r = 0; r < repetitions; r++) {
      for (int s = 0; s < samples.length; s++) {
        samples[s][r] = repeat(subjects.get(s), SHORTEST_NANOS);
      }
    }
    return Arrays.stream(samples).mapToDouble(Stopwatch::median).toArray();
  }

  /** Seconds of one run, of as many as fill a time. */
  private static double repeat(Runnable subject, long nanos) {
    long start = System.nanoTime();
    long passed;
    int runs = 0;
    do {
      subject.run();
      runs++;
      passed = System.nanoTime() - start;
    } while (passed < nanos);
    return passed / 1e9 / runs;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }
}
