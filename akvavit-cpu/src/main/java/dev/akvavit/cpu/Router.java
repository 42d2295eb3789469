package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.RouterConfig.GroupScore;
import dev.akvavit.core.RouterConfig.Scoring;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a token's experts (DeepSeek-V3, section 2.1.2): score, leave out weak groups, take the
 * best, weigh them.
 */
final class Router implements Workers.Task {
  private static final int GRAIN_EXPERTS = 2048;

  private final Workers workers;
  private final Scratch[] scratch;
  private CpuRouting out;
  private Tensor logits;
  private @Nullable Weight bias;
  private RouterConfig rule;

  Router(Workers workers, Scratch[] scratch, CpuRouting nothing, Tensor none, RouterConfig any) {
    this.workers = workers;
    this.scratch = scratch;
    out = nothing;
    logits = none;
    rule = any;
  }

  void run(CpuRouting out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
    this.out = out;
    this.logits = logits;
    this.bias = bias;
    this.rule = rule;
    workers.run(this, logits.rows(), Math.max(1, GRAIN_EXPERTS / rule.experts()));
  }

  @Override
  public void run(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int experts = rule.experts();
    float[] scores = s.results = Scratch.atLeast(s.results, experts);
    float[] biased = s.more = Scratch.atLeast(s.more, experts);
    float[] worth = s.values = Scratch.atLeast(s.values, rule.groups());
    for (int row = from; row < to; row++) {
      Rows.pack(logits, row, scores, 0, experts);
      score(scores, experts);
      System.arraycopy(scores, 0, biased, 0, experts);
      addBias(biased, experts);
      keepGroups(biased, worth);
      choose(scores, biased, (logits.extent().first() + row) * rule.topK());
    }
  }

  private void score(float[] v, int n) {
    if (rule.scoring() == Scoring.SIGMOID) {
      for (int i = 0; i < n; i++) {
        v[i] = (float) (1 / (1 + Math.exp(-(double) v[i])));
      }
      return;
    }
    double max = v[0];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, v[i]);
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.exp(v[i] - max);
    }
    for (int i = 0; i < n; i++) {
      v[i] = (float) (Math.exp(v[i] - max) / sum);
    }
  }

  private void addBias(float[] v, int n) {
    Weight b = bias;
    if (b != null) {
      MemorySegment bytes = CpuBuffer.vector(b);
      long at = Rows.offset(b, 0, 0);
      for (int i = 0; i < n; i++) {
        v[i] += bytes.get(JAVA_FLOAT_UNALIGNED, at + 4L * i);
      }
    }
  }

  /** Sets the experts of all but the best groups to minus infinity. */
  private void keepGroups(float[] biased, float[] worth) {
    int groups = rule.groups();
    if (rule.keptGroups() == groups) {
      return;
    }
    int size = rule.experts() / groups;
    for (int g = 0; g < groups; g++) {
      float best = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int i = g * size; i < (g + 1) * size; i++) {
        if (biased[i] > best) {
          second = best;
          best = biased[i];
        } else if (biased[i] > second) {
          second = biased[i];
        }
      }
      worth[g] = rule.groupScore() == GroupScore.MAX ? best : best + second;
    }
    for (int g = 0; g < groups; g++) {
      int better = 0;
      for (int o = 0; o < groups; o++) {
        if (worth[o] > worth[g] || worth[o] == worth[g] && o < g) {
          better++;
        }
      }
      if (better >= rule.keptGroups()) {
        Arrays.fill(biased, g * size, (g + 1) * size, Float.NEGATIVE_INFINITY);
      }
    }
  }

  private void choose(float[] scores, float[] biased, int at) {
    int topK = rule.topK();
    for (int k = 0; k < topK; k++) {
      int best = -1;
      for (int e = 0; e < rule.experts(); e++) {
        if (!Float.isNaN(biased[e]) && (best < 0 || biased[e] > biased[best])) {
          best = e;
        }
      }
      if (best < 0) {
        throw new ArithmeticException(
            "the router's logits are not numbers: the step before it overflowed");
      }
      out.experts[at + k] = best;
      biased[best] = Float.NaN; // taken
    }
    Arrays.sort(out.experts, at, at + topK);
    float sum = 0;
    for (int k = 0; k < topK; k++) {
      sum += scores[out.experts[at + k]];
    }
    float factor = rule.normalise() ? rule.scale() / (sum + 1e-20f) : rule.scale();
    for (int k = 0; k < topK; k++) {
      out.weights[at + k] = scores[out.experts[at + k]] * factor;
    }
  }
}
