package dev.akvavit.testkit.naive;

import dev.akvavit.core.FeedForwardConfig.MixtureOfExperts;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.testkit.RandomWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * DeepSeekMoE for one token (Dai 2024; routers of DeepSeek-V2 section 2.2 and V3 section 2.1.2).
 */
public final class NaiveMixture {
  private NaiveMixture() {}

  /**
   * What one token gets.
   *
   * @param decided whether the experts' choice is clear beyond roundings
   */
  public record Result(Approx out, boolean decided) {}

  public static Result forward(MixtureOfExperts c, RandomWeights w, String mlp, Approx x) {
    RouterConfig rule = c.router();
    Approx scores = scores(rule, x.times(w.rows(mlp + "gate.weight", rule.experts(), x.size())));
    Approx ranked =
        c.selectionBias() ? scores.plus(w.vector(mlp + "gate.e_score_correction_bias")) : scores;
    boolean[] decided = {true};
    List<Integer> eligible = eligible(rule, ranked, decided);
    List<Integer> chosen = best(eligible, ranked, rule.topK(), decided);
    double sum = chosen.stream().mapToDouble(e -> scores.value()[e]).sum();
    Approx out = new Approx(new double[x.size()], new double[x.size()]);
    for (int e : chosen) {
      double weight = scores.value()[e] * rule.scale() / (rule.normalise() ? sum + 1e-20 : 1);
      double relative = scores.error()[e] / scores.value()[e];
      Approx expert = gated(w, mlp + "experts." + e + ".", c.width(), x).times(weight);
      out = out.plus(new Approx(expert.value(), widened(expert, 2 * relative)));
    }
    if (c.sharedWidth() > 0) {
      out = out.plus(gated(w, mlp + "shared_experts.", c.sharedWidth(), x));
    }
    return new Result(out, decided[0]);
  }

  /** The error of a vector times a factor with a relative error. */
  private static double[] widened(Approx x, double relative) {
    double[] e = x.error().clone();
    Arrays.setAll(e, i -> Math.hypot(e[i], relative * x.value()[i]));
    return e;
  }

  private static Approx scores(RouterConfig rule, Approx logits) {
    if (rule.scoring() == RouterConfig.Scoring.SIGMOID) {
      return logits.apply(z -> 1 / (1 + Math.exp(-z)), 0.25);
    }
    double max = Arrays.stream(logits.value()).max().orElseThrow();
    double sum = Arrays.stream(logits.value()).map(z -> Math.exp(z - max)).sum();
    double spread = Math.sqrt(Arrays.stream(logits.error()).map(e -> e * e).sum());
    Approx p = logits.apply(z -> Math.exp(z - max) / sum, 1);
    return new Approx(p.value(), widened(p, spread));
  }

  /** Experts of the best groups. */
  private static List<Integer> eligible(RouterConfig rule, Approx ranked, boolean[] decided) {
    int size = rule.experts() / rule.groups();
    double[] worth = new double[rule.groups()];
    double[] error = new double[rule.groups()];
    for (int g = 0; g < rule.groups(); g++) {
      double[] members = Arrays.copyOfRange(ranked.value(), g * size, (g + 1) * size);
      Arrays.sort(members);
      worth[g] = members[size - 1];
      if (rule.groupScore() == RouterConfig.GroupScore.TOP_TWO && size > 1) {
        worth[g] += members[size - 2];
      }
      error[g] = 2 * Arrays.stream(ranked.error(), g * size, (g + 1) * size).max().orElseThrow();
    }
    List<Integer> all = IntStream.range(0, rule.groups()).boxed().toList();
    List<Integer> eligible = new ArrayList<>();
    for (int g : best(all, new Approx(worth, error), rule.keptGroups(), decided)) {
      IntStream.range(g * size, (g + 1) * size).forEach(eligible::add);
    }
    return eligible;
  }

  private static List<Integer> best(List<Integer> of, Approx ranked, int k, boolean[] decided) {
    List<Integer> order = new ArrayList<>(of);
    order.sort(Comparator.<Integer>comparingDouble(i -> -ranked.value()[i]).thenComparing(i -> i));
    if (k < order.size()) {
      int last = order.get(k - 1);
      int next = order.get(k);
      double gap = ranked.value()[last] - ranked.value()[next];
      decided[0] &=
          gap > Approx.DEVIATIONS * Math.hypot(ranked.error()[last], ranked.error()[next]);
    }
    return order.subList(0, Math.min(k, order.size()));
  }

  /** SwiGLU (Shazeer 2020). */
  private static Approx gated(RandomWeights w, String p, int width, Approx x) {
    Approx gate = x.times(w.rows(p + "gate_proj.weight", width, x.size()));
    Approx up = x.times(w.rows(p + "up_proj.weight", width, x.size()));
    return gate.apply(z -> z / (1 + Math.exp(-z)), 1.1)
        .times(up)
        .times(w.rows(p + "down_proj.weight", x.size(), width));
  }
}
