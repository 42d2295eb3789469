package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Index keys rounded to eight bits, with and without a Hadamard transform before, by the engine's
 * own operations; INT8 with a factor a row beside them. A few channels of every key are outliers,
 * as in trained models, or none are.
 */
record OutlierTrial(List<Outcome> outcomes, double productError) {
  static final int DIM = 128;
  static final int OUTLIERS = 4;
  static final int TIMES = 30;
  private static final int KEYS = 4096;
  private static final int QUERIES = 32;
  private static final int TOP = 256;

  /** How a row of keys is rounded. */
  enum Format {
    E4M3("e4m3"),
    INT8("INT8");

    final String label;

    Format(String label) {
      this.label = label;
    }
  }

  /**
   * What rounding did.
   *
   * @param error of the scores, relative to how much they differ from each other
   * @param overlap share of the top {@value #TOP} of {@value #KEYS} that stays
   */
  record Outcome(Format format, boolean outliers, boolean hadamard, double error, double overlap) {}

  static OutlierTrial of(Laboratory lab) {
    return lab.once(OutlierTrial.class, l -> measure(l, TIMES));
  }

  Outcome outcome(Format format, boolean outliers, boolean hadamard) {
    return outcomes.stream()
        .filter(o -> o.format() == format && o.outliers() == outliers && o.hadamard() == hadamard)
        .findFirst()
        .orElseThrow();
  }

  /** Error without the transform over error with it. */
  double gain(Format format, boolean outliers) {
    return outcome(format, outliers, false).error() / outcome(format, outliers, true).error();
  }

  static OutlierTrial measure(Laboratory lab, double times) {
    var tiny = Reshaped.layers(lab.config("deepseek-v3"), Reshaped.grouped(1, 1, DIM), 1, DIM, DIM);
    try (Workbench bench = Workbench.random(tiny, DType.F32, new Room(1, 32, 32))) {
      List<Outcome> outcomes =
          IntStream.range(0, 8)
              .mapToObj(i ->
                  outcome(
                      bench.backend(), Format.values()[i >> 2], (i & 2) != 0, (i & 1) != 0, times))
              .toList();
      return new OutlierTrial(outcomes, productError(bench.backend()));
    }
  }

  private static Outcome outcome(
      Backend backend, Format format, boolean outliers, boolean hadamard, double times) {
    float[][] keys = gaussian(KEYS, 1);
    if (outliers) {
      for (float[] key : keys) {
        for (int c = 0; c < OUTLIERS; c++) {
          int channel = c * DIM / OUTLIERS + 3;
          key[channel] = (float) times * (1 + 0.3f * key[channel]);
        }
      }
    }
    float[][] queries = gaussian(QUERIES, 2);
    double[][] exact = scores(queries, keys);
    double[][] rounded =
        scores(
            rounded(backend, queries, format, hadamard), rounded(backend, keys, format, hadamard));
    double error = 0;
    double overlap = 0;
    for (int q = 0; q < QUERIES; q++) {
      error += error(exact[q], rounded[q]) / QUERIES;
      overlap += IndexTrial.common(top(exact[q]), top(rounded[q])) / (double) TOP / QUERIES;
    }
    return new Outcome(format, outliers, hadamard, error, overlap);
  }

  private static float[][] rounded(
      Backend backend, float[][] rows, Format format, boolean hadamard) {
    return onBackend(
        backend,
        rows,
        (ops, x) -> {
          if (hadamard) {
            ops.hadamard(x);
          }
          if (format == Format.E4M3) {
            ops.roundToF8(x);
          }
        },
        format == Format.INT8);
  }

  /**
   * Largest change of a product that the transform alone makes: it keeps them, but for rounding.
   */
  private static double productError(Backend backend) {
    float[][] queries = gaussian(QUERIES, 2);
    float[][] keys = gaussian(QUERIES, 1);
    double[][] before = scores(queries, keys);
    double[][] after =
        scores(
            onBackend(backend, queries, Ops::hadamard, false),
            onBackend(backend, keys, Ops::hadamard, false));
    double most = 0;
    for (int q = 0; q < QUERIES; q++) {
      for (int k = 0; k < QUERIES; k++) {
        most = Math.max(most, Math.abs(after[q][k] - before[q][k]));
      }
    }
    return most / Math.sqrt(DIM);
  }

  private interface Operation {
    void apply(Ops ops, Tensor x);
  }

  private static float[][] onBackend(
      Backend backend, float[][] rows, Operation operation, boolean int8) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(DType.F32.bytes((long) rows.length * DIM), 64);
      for (int r = 0; r < rows.length; r++) {
        MemorySegment.copy(rows[r], 0, data, ValueLayout.JAVA_FLOAT, 4L * r * DIM, DIM);
      }
      Tensor x =
          new Tensor(backend.place(data), DType.F32, new Extent(rows.length), 0, DIM, 1, DIM, DIM);
      operation.apply(backend.ops(), x);
      float[][] out = new float[rows.length][DIM];
      for (int r = 0; r < rows.length; r++) {
        backend.read(x, r, out[r]);
        if (int8) {
          roundToInt8(out[r]);
        }
      }
      return out;
    }
  }

  /** To 255 equal steps between minus and plus the row's largest. */
  private static void roundToInt8(float[] row) {
    float largest = 0;
    for (float v : row) {
      largest = Math.max(largest, Math.abs(v));
    }
    float step = largest / 127;
    for (int i = 0; i < row.length; i++) {
      row[i] = step * Math.round(row[i] / step);
    }
  }

  private static double[][] scores(float[][] queries, float[][] keys) {
    double[][] scores = new double[queries.length][keys.length];
    for (int q = 0; q < queries.length; q++) {
      for (int k = 0; k < keys.length; k++) {
        double sum = 0;
        for (int i = 0; i < DIM; i++) {
          sum += (double) queries[q][i] * keys[k][i];
        }
        scores[q][k] = sum;
      }
    }
    return scores;
  }

  /** Root of the mean squared difference, in standard deviations of the exact scores. */
  private static double error(double[] exact, double[] found) {
    double mean = Arrays.stream(exact).average().orElseThrow();
    double spread = 0;
    double off = 0;
    for (int i = 0; i < exact.length; i++) {
      spread += (exact[i] - mean) * (exact[i] - mean);
      off += (found[i] - exact[i]) * (found[i] - exact[i]);
    }
    return Math.sqrt(off / spread);
  }

  private static int[] top(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted((a, b) -> Double.compare(scores[b], scores[a]))
        .limit(TOP)
        .mapToInt(i -> i)
        .sorted()
        .toArray();
  }

  private static float[][] gaussian(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] m = new float[rows][DIM];
    for (float[] row : m) {
      for (int i = 0; i < DIM; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return m;
  }
}
