package dev.akvavit.testkit.naive;

import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.naive.Approx.Scalar;
import java.util.Arrays;
import java.util.Objects;

/**
 * Attention over a whole sequence: grouped queries (Ainslie 2023; MHA and MQA are its ends) and
 * multi-head latent attention (DeepSeek-V2, equations 9 to 19) with every head's keys and values
 * written out.
 */
public final class NaiveAttention {
  private NaiveAttention() {}

  /** Which positions a token sees. */
  interface Mask {
    boolean sees(int token, int position);
  }

  /** {@code x} by token to the output by token. */
  public static Approx[] groupedQuery(GroupedQuery c, RandomWeights w, String layer, Approx[] x) {
    int hidden = x[0].size();
    int d = c.headDim();
    Approx[][] q = heads(c, w, layer, "q", c.heads(), x);
    Approx[][] k = heads(c, w, layer, "k", c.kvHeads(), x);
    Approx[][] v = heads(c, w, layer, "v", c.kvHeads(), x);
    Mask mask = (t, s) -> s <= t && (c.window() == 0 || t - s < c.window());
    Approx[] out = new Approx[x.length];
    for (int t = 0; t < x.length; t++) {
      Approx[] o = new Approx[c.heads()];
      for (int h = 0; h < c.heads(); h++) {
        int group = h * c.kvHeads() / c.heads();
        o[h] = head(t, q[t][h], column(k, group), column(v, group), 1 / Math.sqrt(d), mask);
      }
      out[t] = Approx.concat(o).times(w.rows(layer + "o_proj.weight", hidden, c.heads() * d));
      if (c.outputBias()) {
        out[t] = out[t].plus(w.vector(layer + "o_proj.bias"));
      }
    }
    return out;
  }

  /** {@code [token][head]}: projected, normed, rotated (values neither). */
  private static Approx[][] heads(
      GroupedQuery c, RandomWeights w, String layer, String name, int heads, Approx[] x) {
    int d = c.headDim();
    Approx[][] out = new Approx[x.length][heads];
    for (int t = 0; t < x.length; t++) {
      Approx row = x[t].times(w.rows(layer + name + "_proj.weight", heads * d, x[t].size()));
      if (c.bias()) {
        row = row.plus(w.vector(layer + name + "_proj.bias"));
      }
      for (int h = 0; h < heads; h++) {
        Approx head = row.slice(h * d, d);
        if (!name.equals("v")) {
          if (c.queryKeyNormEps() != 0) {
            head = head.rmsNorm(w.vector(layer + name + "_norm.weight"), c.queryKeyNormEps());
          }
          if (c.rope() != null) {
            head = NaiveRope.rotate(head, t, c.rope(), c.ropeStyle(), c.ropeDim());
          }
        }
        out[t][h] = head;
      }
    }
    return out;
  }

  /** Latent attention without an indexer. */
  public static Approx[] latent(Latent c, RandomWeights w, String layer, Approx[] x) {
    return latent(c, w, layer, x, (t, s) -> s <= t);
  }

  static Approx[] latent(Latent c, RandomWeights w, String layer, Approx[] x, Mask mask) {
    int hidden = x[0].size();
    int n = c.nopeDim();
    int r = c.ropeDim();
    int rowsPerHead = n + c.valueDim();
    Approx[][] keys = new Approx[x.length][c.heads()];
    Approx[][] values = new Approx[x.length][c.heads()];
    for (int t = 0; t < x.length; t++) {
      Approx kv = x[t].times(w.rows(layer + "kv_a_proj_with_mqa.weight", c.kvRank() + r, hidden));
      Approx latent =
          kv.slice(0, c.kvRank()).rmsNorm(w.vector(layer + "kv_a_layernorm.weight"), 1e-6);
      Approx rotated = NaiveRope.rotate(kv.slice(c.kvRank(), r), t, c.rope(), c.ropeStyle(), r);
      Approx up =
          latent.times(w.rows(layer + "kv_b_proj.weight", c.heads() * rowsPerHead, c.kvRank()));
      for (int h = 0; h < c.heads(); h++) {
        keys[t][h] = Approx.concat(up.slice(h * rowsPerHead, n), rotated);
        values[t][h] = up.slice(h * rowsPerHead + n, c.valueDim());
      }
    }
    Approx[] out = new Approx[x.length];
    for (int t = 0; t < x.length; t++) {
      Approx q = query(c, w, layer, x[t]);
      Approx[] o = new Approx[c.heads()];
      for (int h = 0; h < c.heads(); h++) {
        Approx head = q.slice(h * (n + r), n + r);
        head =
            Approx.concat(
                head.slice(0, n),
                NaiveRope.rotate(head.slice(n, r), t, c.rope(), c.ropeStyle(), r));
        if (c.temperature() != null) {
          var warm = Objects.requireNonNull(c.temperature());
          head = head.times(1 + warm.beta() * Math.log(1 + Math.floor((double) t / warm.length())));
        }
        o[h] = head(t, head, column(keys, h), column(values, h), c.scale(), mask);
      }
      out[t] =
          Approx.concat(o).times(w.rows(layer + "o_proj.weight", hidden, c.heads() * c.valueDim()));
    }
    return out;
  }

  private static Approx query(Latent c, RandomWeights w, String layer, Approx x) {
    int rows = c.heads() * (c.nopeDim() + c.ropeDim());
    return c.queryRank() == 0
        ? x.times(w.rows(layer + "q_proj.weight", rows, x.size()))
        : queryLatent(c, w, layer, x).times(w.rows(layer + "q_b_proj.weight", rows, c.queryRank()));
  }

  static Approx queryLatent(Latent c, RandomWeights w, String layer, Approx x) {
    return x.times(w.rows(layer + "q_a_proj.weight", c.queryRank(), x.size()))
        .rmsNorm(w.vector(layer + "q_a_layernorm.weight"), 1e-6);
  }

  private static Approx[] column(Approx[][] rows, int head) {
    Approx[] column = new Approx[rows.length];
    for (int t = 0; t < rows.length; t++) {
      column[t] = rows[t][head];
    }
    return column;
  }

  /** {@code softmax(scale q kᵀ) v} over what the mask shows. */
  private static Approx head(
      int t, Approx q, Approx[] keys, Approx[] values, double scale, Mask mask) {
    int seen = 0;
    Scalar[] scores = new Scalar[keys.length];
    Approx[] shown = new Approx[keys.length];
    for (int s = 0; s < keys.length; s++) {
      if (mask.sees(t, s)) {
        Scalar dot = q.dot(keys[s]);
        scores[seen] = new Scalar(dot.value() * scale, dot.error() * scale);
        shown[seen++] = values[s];
      }
    }
    return Approx.mix(Arrays.copyOf(scores, seen), Arrays.copyOf(shown, seen));
  }
}
