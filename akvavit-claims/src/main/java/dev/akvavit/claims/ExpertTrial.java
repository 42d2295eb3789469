package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Tokenizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which experts a trained model calls for Java code and which for the comments in it.
 *
 * @param code share of the calls {@code [layer][expert]}, for code; layers with experts only
 * @param comments the same for comments
 * @param between how far the two lie apart: half the sum of differences, mean over the layers
 * @param within how far two halves of the same kind lie apart: what chance and topic make
 */
record ExpertTrial(
    int tokens, double[][] code, double[][] comments, double between, double within) {
  private static final int CHUNK = 256;

  static ExpertTrial of(Laboratory lab) {
    return lab.once(ExpertTrial.class, ExpertTrial::measure);
  }

  private static ExpertTrial measure(Laboratory lab) {
    Tokenizer tokenizer = Tokenizers.open(lab.model(), Limits.DEFAULT);
    int[] code = tokenizer.encodeDocument(Prompt.content(SampleText.lines(false)));
    int[] comments = tokenizer.encodeDocument(Prompt.content(SampleText.lines(true)));
    int half = Math.min(lab.effort().textTokens(), Math.min(code.length, comments.length)) / 2;
    try (Workbench bench =
        Workbench.open(lab.model(), IndexPrecision.EXACT, new Room(1, half, CHUNK))) {
      long[][] code1 = load(bench, Arrays.copyOf(code, half));
      long[][] code2 = load(bench, Arrays.copyOfRange(code, half, 2 * half));
      long[][] comments1 = load(bench, Arrays.copyOf(comments, half));
      long[][] comments2 = load(bench, Arrays.copyOfRange(comments, half, 2 * half));
      return new ExpertTrial(
          4 * half,
          shares(sum(code1, code2)),
          shares(sum(comments1, comments2)),
          (apart(code1, comments1) + apart(code2, comments2)) / 2,
          (apart(code1, code2) + apart(comments1, comments2)) / 2);
    }
  }

  /** Calls that a text makes, of layers with experts. */
  private static long[][] load(Workbench bench, int[] ids) {
    long[][] before = bench.expertLoad();
    for (int from = 0; from < ids.length; from += CHUNK) {
      int[] part = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + CHUNK));
      bench.step(List.of(new Chunk(0, part, from, true)));
    }
    long[][] after = bench.expertLoad();
    List<long[]> made = new ArrayList<>();
    for (int l = 0; l < after.length; l++) {
      if (after[l].length > 0) {
        long[] calls = after[l].clone();
        for (int e = 0; e < calls.length; e++) {
          calls[e] -= before[l][e];
        }
        made.add(calls);
      }
    }
    return made.toArray(long[][]::new);
  }

  private static long[][] sum(long[][] a, long[][] b) {
    long[][] s = new long[a.length][];
    for (int l = 0; l < a.length; l++) {
      s[l] = a[l].clone();
      for (int e = 0; e < s[l].length; e++) {
        s[l][e] += b[l][e];
      }
    }
    return s;
  }

  private static double[][] shares(long[][] calls) {
    return Arrays.stream(calls)
        .map(layer -> {
          double all = Arrays.stream(layer).sum();
          return Arrays.stream(layer).mapToDouble(c -> c / all).toArray();
        })
        .toArray(double[][]::new);
  }

  /** Mean over the layers. */
  private static double apart(long[][] a, long[][] b) {
    double[][] p = shares(a);
    double[][] q = shares(b);
    return IntStream.range(0, p.length).mapToDouble(l -> apart(p[l], q[l])).average().orElse(0);
  }

  /** Total variation distance: 0 for equal loads, 1 for no expert shared. */
  private static double apart(double[] p, double[] q) {
    return IntStream.range(0, p.length).mapToDouble(e -> Math.abs(p[e] - q[e]) / 2).sum();
  }

  /** The layer where code and comments lie farthest apart. */
  int sharpest() {
    int best = 0;
    for (int l = 1; l < code.length; l++) {
      if (apart(code[l], comments[l]) > apart(code[best], comments[best])) {
        best = l;
      }
    }
    return best;
  }

  /** The busiest expert's calls over an equal share, by layer, code and comments together. */
  double[] busiest() {
    double[] most = new double[code.length];
    for (int l = 0; l < most.length; l++) {
      for (int e = 0; e < code[l].length; e++) {
        most[l] = Math.max(most[l], (code[l][e] + comments[l][e]) / 2 * code[l].length);
      }
    }
    return most;
  }
}
