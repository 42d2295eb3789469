package dev.akvavit.testkit.naive;

import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.naive.Approx.Scalar;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * DeepSeek sparse attention (V3.2-Exp, equations 1 and 2): score all, keep the best, mask the
 * others.
 */
public final class NaiveSparseAttention {
  private NaiveSparseAttention() {}

  /**
   * What a sequence gives.
   *
   * @param out by token
   * @param chosen by token, ascending
   * @param decided by token: whether the choice is clear beyond the roundings of F32, its own and
   *     those before it
   */
  public record Result(Approx[] out, int[][] chosen, boolean[] decided) {}

  public static Result attend(SparseLatent c, RandomWeights w, String layer, Approx[] x) {
    int[][] chosen = new int[x.length][];
    boolean[] decided = new boolean[x.length];
    Scalar[][] scores = scores(c, w, layer + "indexer.", layer, x);
    for (int t = 0; t < x.length; t++) {
      Scalar[] row = scores[t];
      int[] order =
          IntStream.rangeClosed(0, t)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(s -> -row[s].value()).thenComparing(s -> s))
              .mapToInt(s -> s)
              .toArray();
      int kept = Math.min(c.indexer().topK(), t + 1);
      chosen[t] = Arrays.stream(order, 0, kept).sorted().toArray();
      decided[t] = kept == t + 1 || clear(row[order[kept - 1]], row[order[kept]]);
    }
    Approx[] out =
        NaiveAttention.latent(
            c.latent(), w, layer, x, (t, s) -> Arrays.binarySearch(chosen[t], s) >= 0);
    return new Result(out, chosen, decided);
  }

  /**
   * Scores of zero, where no head's product is positive, tie exactly: then the lower position is
   * right.
   */
  private static boolean clear(Scalar last, Scalar next) {
    boolean exact = last.error() == 0 && next.error() == 0;
    return exact
        || last.value() - next.value() > Approx.DEVIATIONS * Math.hypot(last.error(), next.error());
  }

  /** {@code I(t, s) = sum_j w(t, j) relu(q(t, j) . k(s))}, lower triangle. */
  private static Scalar[][] scores(
      SparseLatent c, RandomWeights w, String indexer, String layer, Approx[] x) {
    var i = c.indexer();
    Approx[] keys = new Approx[x.length];
    Scalar[][] scores = new Scalar[x.length][];
    for (int t = 0; t < x.length; t++) {
      Approx key =
          x[t].times(w.rows(indexer + "wk.weight", i.dim(), x[t].size()))
              .layerNorm(
                  w.vector(indexer + "k_norm.weight"), w.vector(indexer + "k_norm.bias"), 1e-6);
      keys[t] = NaiveRope.rotate(key, t, c.latent().rope(), i.ropeStyle(), i.ropeDim());
      Approx queries =
          NaiveAttention.queryLatent(c.latent(), w, layer, x[t])
              .times(w.rows(indexer + "wq_b.weight", i.heads() * i.dim(), c.latent().queryRank()));
      Approx weights = x[t].times(w.rows(indexer + "weights_proj.weight", i.heads(), x[t].size()));
      scores[t] = new Scalar[t + 1];
      for (int s = 0; s <= t; s++) {
        Approx relu = new Approx(new double[i.heads()], new double[i.heads()]);
        for (int h = 0; h < i.heads(); h++) {
          Approx q =
              NaiveRope.rotate(
                  queries.slice(h * i.dim(), i.dim()),
                  t,
                  c.latent().rope(),
                  i.ropeStyle(),
                  i.ropeDim());
          Scalar dot = q.dot(keys[s]);
          relu.value()[h] = Math.max(0, dot.value());
          relu.error()[h] = dot.value() < -Approx.DEVIATIONS * dot.error() ? 0 : dot.error();
        }
        scores[t][s] = weights.dot(relu);
      }
    }
    return scores;
  }
}
