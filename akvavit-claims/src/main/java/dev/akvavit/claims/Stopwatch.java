package dev.akvavit.claims;

import java.util.ArrayList;
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

  private final List<Double> spreads = new ArrayList<>();

  /** Seconds of one run of each, after a warm-up that is not counted. */
  double[] medians(int repetitions, List<Runnable> subjects) {
    subjects.forEach(s -> repeat(s, WARM_UP_NANOS));
    double[][] samples = new double[subjects.size()][repetitions];
    for (int r = 0; r < repetitions; r++) {
      for (int s = 0; s < samples.length; s++) {
        samples[s][r] = repeat(subjects.get(s), SHORTEST_NANOS);
      }
    }
    double[] medians = Arrays.stream(samples).mapToDouble(Stopwatch::median).toArray();
    for (int s = 0; s < samples.length; s++) {
      double[] sorted = samples[s].clone();
      Arrays.sort(sorted);
      spreads.add((sorted[repetitions - 1] - sorted[0]) / medians[s]);
    }
    return medians;
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

  /**
   * From the fastest to the slowest repetition, over the median: of the usual measurement so far.
   * On a quiet machine it is small; NaN when nothing was measured.
   */
  double spread() {
    return spreads.isEmpty() ? Double.NaN : median(spreads.stream().mapToDouble(s -> s).toArray());
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }
}
