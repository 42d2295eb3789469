package dev.akvavit.testkit;

import static dev.akvavit.testkit.ScalarBackend.cached;
import static dev.akvavit.testkit.ScalarBackend.element;
import static dev.akvavit.testkit.ScalarBackend.get;
import static dev.akvavit.testkit.ScalarBackend.set;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@link Ops} read from its Javadoc, one loop at a time. Slow on purpose.
 *
 * <p>The file is long for a reason: it stands beside the interface, method by method, and is
 * checked by reading both.
 */
final class ScalarOps implements Ops {
  private static int token(Tensor x, int row) {
    return x.extent().first() + row;
  }

  @Override
  public void embed(Tensor out, Weight table, Batch b) {
    for (int r = 0; r < out.rows(); r++) {
      for (int d = 0; d < out.dim(); d++) {
        set(out, out.at(r, 0) + d, element(table, 0, b.tokenIds[token(out, r)], d));
      }
    }
  }

  @Override
  public void addPositions(Tensor x, Weight table, Batch b) {
    for (int r = 0; r < x.rows(); r++) {
      for (int d = 0; d < x.dim(); d++) {
        long i = x.at(r, 0) + d;
        set(x, i, get(x, i) + element(table, 0, b.positions[token(x, r)], d));
      }
    }
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        double squares = 0;
        for (int d = 0; d < x.dim(); d++) {
          double v = get(x, x.at(r, h) + d);
          squares += v * v;
        }
        double factor = 1 / Math.sqrt(squares / x.dim() + eps);
        for (int d = 0; d < x.dim(); d++) {
          set(
              out,
              out.at(r, h) + d,
              (float) (get(x, x.at(r, h) + d) * factor * element(gain, 0, 0, d)));
        }
      }
    }
  }

  @Override
  public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        double mean = 0;
        for (int d = 0; d < x.dim(); d++) {
          mean += get(x, x.at(r, h) + d);
        }
        mean /= x.dim();
        double variance = 0;
        for (int d = 0; d < x.dim(); d++) {
          double v = get(x, x.at(r, h) + d) - mean;
          variance += v * v;
        }
        double factor = 1 / Math.sqrt(variance / x.dim() + eps);
        for (int d = 0; d < x.dim(); d++) {
          double v = (get(x, x.at(r, h) + d) - mean) * factor;
          set(out, out.at(r, h) + d, (float) (v * element(gain, 0, 0, d) + element(bias, 0, 0, d)));
        }
      }
    }
  }

  @Override
  public void matmul(Tensor out, Tensor x, Weight w) {
    boolean dense = w.heads() == 1;
    int in = dense ? x.heads() * x.dim() : x.dim();
    int on = dense ? out.heads() * out.dim() : out.dim();
    if (in != w.in()
        || on != w.out()
        || !dense && (w.heads() != x.heads() || w.heads() != out.heads())) {
      throw new IllegalArgumentException(w + " does not map " + x + " to " + out);
    }
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < w.heads(); h++) {
        for (int j = 0; j < w.out(); j++) {
          double sum = 0;
          for (int i = 0; i < w.in(); i++) {
            sum +=
                (double) element(w, h, j, i)
                    * get(x, dense ? x.at(r, i / x.dim()) + i % x.dim() : x.at(r, h) + i);
          }
          set(
              out,
              dense ? out.at(r, j / out.dim()) + j % out.dim() : out.at(r, h) + j,
              (float) sum);
        }
      }
    }
  }

  @Override
  public void addBias(Tensor x, Weight bias) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        for (int d = 0; d < x.dim(); d++) {
          long i = x.at(r, h) + d;
          set(x, i, get(x, i) + element(bias, 0, 0, h * x.dim() + d));
        }
      }
    }
  }

  @Override
  public void rope(Tensor x, Rope rope, Batch b) {
    int pairs = rope.inverseFrequency().length;
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        for (int p = 0; p < pairs; p++) {
          boolean halves = rope.style() == RopeStyle.HALVES;
          long i = x.at(r, h) + (halves ? p : 2 * p);
          long k = halves ? i + pairs : i + 1;
          float angle = b.positions[token(x, r)] * rope.inverseFrequency()[p];
          float cos = (float) Math.cos(angle) * rope.magnitude();
          float sin = (float) Math.sin(angle) * rope.magnitude();
          double u = get(x, i);
          double v = get(x, k);
          set(x, i, (float) (u * cos - v * sin));
          set(x, k, (float) (u * sin + v * cos));
        }
      }
    }
  }

  @Override
  public void temper(Tensor x, Temperature temperature, Batch b) {
    for (int r = 0; r < x.rows(); r++) {
      float factor = temperature.at(b.positions[token(x, r)]);
      for (int h = 0; h < x.heads(); h++) {
        for (int d = 0; d < x.dim(); d++) {
          long i = x.at(r, h) + d;
          set(x, i, get(x, i) * factor);
        }
      }
    }
  }

  @Override
  public void hadamard(Tensor x) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        double[] v = new double[x.dim()];
        for (int i = 0; i < x.dim(); i++) {
          for (int j = 0; j < x.dim(); j++) {
            double sign = Integer.bitCount(i & j) % 2 == 0 ? 1 : -1;
            v[i] += sign * get(x, x.at(r, h) + j);
          }
        }
        for (int i = 0; i < x.dim(); i++) {
          set(x, x.at(r, h) + i, (float) (v[i] / Math.sqrt(x.dim())));
        }
      }
    }
  }

  /** The power of two that maps the largest element of a head into e4m3's range. */
  private static float factor(Tensor x, int row, int head) {
    double amax = 1e-4f;
    for (int d = 0; d < x.dim(); d++) {
      amax = Math.max(amax, Math.abs(get(x, x.at(row, head) + d)));
    }
    int exponent = Math.getExponent(amax / 448);
    return (float)
        Math.scalb(1.0, Math.scalb(1.0, exponent) == amax / 448 ? exponent : exponent + 1);
  }

  @Override
  public void roundToF8(Tensor x) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        float s = factor(x, r, h);
        for (int d = 0; d < x.dim(); d++) {
          long i = x.at(r, h) + d;
          set(x, i, s * ScalarBackend.e4m3(ScalarBackend.e4m3(get(x, i) / s)));
        }
      }
    }
  }

  @Override
  public void copy(Tensor out, Tensor x) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        for (int d = 0; d < x.dim(); d++) {
          set(out, out.at(r, h) + d, get(x, x.at(r, h) + d));
        }
      }
    }
  }

  @Override
  public void add(Tensor x, Tensor y) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        for (int d = 0; d < x.dim(); d++) {
          long i = x.at(r, h) + d;
          set(x, i, get(x, i) + get(y, y.at(r, h) + d));
        }
      }
    }
  }

  @Override
  public void swiglu(Tensor out, Tensor gate, Tensor up) {
    for (int r = 0; r < gate.rows(); r++) {
      for (int d = 0; d < gate.dim(); d++) {
        set(
            out,
            out.at(r, 0) + d,
            (float) (silu(get(gate, gate.at(r, 0) + d)) * get(up, up.at(r, 0) + d)));
      }
    }
  }

  private static double silu(double z) {
    return z / (1 + Math.exp(-z));
  }

  @Override
  public void activate(Tensor x, Activation f) {
    for (int r = 0; r < x.rows(); r++) {
      for (int h = 0; h < x.heads(); h++) {
        for (int d = 0; d < x.dim(); d++) {
          long i = x.at(r, h) + d;
          double v = get(x, i);
          double gate =
              switch (f) {
                case GELU -> erf(v / Math.sqrt(2));
                case GELU_TANH -> Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v));
              };
          set(x, i, (float) (0.5 * v * (1 + gate)));
        }
      }
    }
  }

  /**
   * Abramowitz and Stegun 7.1.6, a series of positive terms; beyond 6 the function is 1 to double
   * precision.
   */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  @Override
  public void store(Tensor cache, Tensor rows, Batch b) {
    for (int r = 0; r < rows.rows(); r++) {
      for (int h = 0; h < rows.heads(); h++) {
        float[] row = new float[rows.dim()];
        for (int d = 0; d < row.length; d++) {
          row[d] = get(rows, rows.at(r, h) + d);
        }
        ScalarBackend.store(cache, b.slots[token(rows, r)], h, row);
      }
    }
  }

  @Override
  public void storeF8(Tensor cache, Tensor scales, Tensor rows, Batch b) {
    for (int r = 0; r < rows.rows(); r++) {
      int slot = b.slots[token(rows, r)];
      for (int h = 0; h < rows.heads(); h++) {
        float s = factor(rows, r, h);
        set(scales, scales.at(slot, h), s);
        for (int d = 0; d < rows.dim(); d++) {
          set(cache, cache.at(slot, h) + d, get(rows, rows.at(r, h) + d) / s);
        }
      }
    }
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
    for (int r = 0; r < q.rows(); r++) {
      int position = b.positions[token(q, r)];
      int from = window == 0 ? 0 : Math.max(0, position - window + 1);
      attend(out, q, keys, values, b, scale, r, IntStream.rangeClosed(from, position).toArray());
    }
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, Selection only) {
    for (int r = 0; r < q.rows(); r++) {
      attend(out, q, keys, values, b, scale, r, only.positions(token(q, r)));
    }
  }

  private static void attend(
      Tensor out,
      Tensor q,
      Tensor keys,
      Tensor values,
      Batch b,
      float scale,
      int r,
      int[] positions) {
    int s = b.sequenceOf[token(q, r)];
    int group = q.heads() / keys.heads();
    for (int h = 0; h < q.heads(); h++) {
      double[] scores = new double[positions.length];
      for (int i = 0; i < positions.length; i++) {
        scores[i] =
            scale * dot(q, q.at(r, h), keys, b.slot(s, positions[i]), h / group, 0, q.dim());
      }
      double sum = softmax(scores);
      for (int d = 0; d < out.dim(); d++) {
        double v = 0;
        for (int i = 0; i < positions.length; i++) {
          v += scores[i] * get(values, values.at(b.slot(s, positions[i]), h / group) + d);
        }
        set(out, out.at(r, h) + d, (float) (v / sum));
      }
    }
  }

  /** {@code n} elements from {@code i} on times those of a cached row from {@code from} on. */
  private static double dot(Tensor a, long i, Tensor cache, int slot, int head, int from, int n) {
    double sum = 0;
    for (int d = 0; d < n; d++) {
      sum += (double) get(a, i + d) * cached(cache, slot, head, from + d);
    }
    return sum;
  }

  /** Replaces scores by {@code exp(score - max)} and returns their sum. */
  private static double softmax(double[] scores) {
    double max = Arrays.stream(scores).max().orElse(0);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.exp(scores[i] - max);
      sum += scores[i];
    }
    return sum;
  }

  @Override
  public void attendExpanded(
      Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch b, float scale) {
    int rank = wUK.in();
    for (int r = 0; r < q.rows(); r++) {
      int t = token(q, r);
      int n = b.positions[t] + 1;
      for (int h = 0; h < q.heads(); h++) {
        double[] scores = new double[n];
        for (int i = 0; i < n; i++) {
          long latent = latents.at(b.slot(b.sequenceOf[t], i), 0);
          for (int d = 0; d < wUK.out(); d++) {
            scores[i] += get(q, q.at(r, h) + d) * expand(wUK, h, d, latents, latent);
          }
          int slot = b.slot(b.sequenceOf[t], i);
          scores[i] += dot(q, q.at(r, h) + wUK.out(), latents, slot, 0, rank, q.dim() - wUK.out());
          scores[i] *= scale;
        }
        double sum = softmax(scores);
        for (int d = 0; d < out.dim(); d++) {
          double v = 0;
          for (int i = 0; i < n; i++) {
            v += scores[i] * expand(wUV, h, d, latents, latents.at(b.slot(b.sequenceOf[t], i), 0));
          }
          set(out, out.at(r, h) + d, (float) (v / sum));
        }
      }
    }
  }

  private static double expand(Weight w, int head, int row, Tensor latents, long latent) {
    double sum = 0;
    for (int i = 0; i < w.in(); i++) {
      sum += (double) element(w, head, row, i) * get(latents, latent + i);
    }
    return sum;
  }

  @Override
  public void select(
      Selection out, Tensor q, Tensor headWeights, Tensor keys, @Nullable Tensor scales, Batch b) {
    ScalarBackend.Picks picks = (ScalarBackend.Picks) out;
    for (int r = 0; r < q.rows(); r++) {
      int t = token(q, r);
      int n = b.positions[t] + 1;
      double[] scores = new double[n];
      for (int i = 0; i < n; i++) {
        int slot = b.slot(b.sequenceOf[t], i);
        for (int j = 0; j < q.heads(); j++) {
          double dot = dot(q, q.at(r, j), keys, slot, 0, 0, q.dim());
          scores[i] += get(headWeights, headWeights.at(r, 0) + j) * Math.max(0, dot);
        }
        if (scales != null) {
          scores[i] *= get(scales, scales.at(slot, 0));
        }
      }
      picks.positions[t] =
          IntStream.range(0, n)
              .boxed()
              // a difference, not a negation: the two zeros tie
              .sorted(
                  Comparator.<Integer>comparingDouble(i -> 0.0 - (float) scores[i])
                      .thenComparing(i -> i))
              .limit(picks.limit)
              .mapToInt(i -> i)
              .sorted()
              .toArray();
    }
  }

  @Override
  public void last(Tensor out, Tensor x, Batch b) {
    for (int r = 0; r < out.rows(); r++) {
      for (int d = 0; d < x.dim(); d++) {
        set(out, out.at(r, 0) + d, get(x, x.at(b.logitToken[r], 0) + d));
      }
    }
  }

  @Override
  public void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
    ScalarBackend.Routes routes = (ScalarBackend.Routes) out;
    int size = rule.experts() / rule.groups();
    for (int r = 0; r < logits.rows(); r++) {
      double[] scores = new double[rule.experts()];
      for (int e = 0; e < scores.length; e++) {
        scores[e] = get(logits, logits.at(r, 0) + e);
      }
      switch (rule.scoring()) {
        case SOFTMAX -> {
          double sum = softmax(scores);
          for (int e = 0; e < scores.length; e++) {
            scores[e] /= sum;
          }
        }
        case SIGMOID -> Arrays.setAll(scores, e -> 1 / (1 + Math.exp(-scores[e])));
      }
      double[] biased = scores.clone();
      if (bias != null) {
        Arrays.setAll(biased, e -> scores[e] + element(bias, 0, 0, e));
      }
      double[] groupScores = new double[rule.groups()];
      for (int g = 0; g < groupScores.length; g++) {
        double[] members = Arrays.copyOfRange(biased, g * size, (g + 1) * size);
        Arrays.sort(members);
        groupScores[g] =
            switch (rule.groupScore()) {
              case MAX -> members[size - 1];
              case TOP_TWO -> members[size - 1] + (size > 1 ? members[size - 2] : 0);
            };
      }
      boolean[] kept = new boolean[rule.groups()];
      for (int g : best(groupScores, rule.keptGroups())) {
        kept[g] = true;
      }
      for (int e = 0; e < biased.length; e++) {
        biased[e] = kept[e / size] ? biased[e] : Double.NEGATIVE_INFINITY;
      }
      int[] chosen = best(biased, rule.topK());
      double sum = Arrays.stream(chosen).mapToDouble(e -> scores[e]).sum();
      float[] weights = new float[chosen.length];
      for (int i = 0; i < chosen.length; i++) {
        double weight = scores[chosen[i]];
        weights[i] = (float) ((rule.normalise() ? weight / (sum + 1e-20) : weight) * rule.scale());
      }
      routes.experts[token(logits, r)] = chosen;
      routes.weights[token(logits, r)] = weights;
    }
  }

  /** Indices of the {@code k} largest values, ties to the lower index, in ascending order. */
  private static int[] best(double[] values, int k) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(i -> -values[i]).thenComparing(i -> i))
        .limit(k)
        .mapToInt(i -> i)
        .sorted()
        .toArray();
  }

  @Override
  public void experts(Tensor out, Tensor x, ExpertWeights w, Routing routing) {
    for (int r = 0; r < x.rows(); r++) {
      int[] chosen = routing.experts(token(x, r));
      float[] weights = routing.weights(token(x, r));
      double[] sum = new double[x.dim()];
      for (int k = 0; k < chosen.length; k++) {
        double[] middle = new double[w.width()];
        for (int j = 0; j < middle.length; j++) {
          double gate = 0;
          double up = 0;
          for (int i = 0; i < x.dim(); i++) {
            double v = get(x, x.at(r, 0) + i);
            gate += v * element(w.gate().get(chosen[k]), 0, j, i);
            up += v * element(w.up().get(chosen[k]), 0, j, i);
          }
          middle[j] = silu(gate) * up;
        }
        for (int i = 0; i < sum.length; i++) {
          double v = 0;
          for (int j = 0; j < middle.length; j++) {
            v += middle[j] * element(w.down().get(chosen[k]), 0, i, j);
          }
          sum[i] += weights[k] * v;
        }
      }
      for (int i = 0; i < sum.length; i++) {
        set(out, out.at(r, 0) + i, (float) sum[i]);
      }
    }
  }
}
