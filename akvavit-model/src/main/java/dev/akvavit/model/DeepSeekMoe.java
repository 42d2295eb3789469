package dev.akvavit.model;

import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DeepSeekMoE (Dai et al. 2024): many narrow experts of which each token uses a few, and shared
 * ones that all use.
 *
 * <pre>
 *   s = score(W_g x)      e ∈ top k of (s + b), group-limited      g_e = s_e (/ Σ s) · factor
 *   out = Σ_e g_e · expert_e(x) + shared(x)
 * </pre>
 */
public final class DeepSeekMoe implements FeedForward {

  /**
   * @param router W_g {@code [experts, hidden]}
   * @param bias b of V3's balancing without auxiliary loss; it moves choices, never weights
   * @param shared null when there are no shared experts
   * @param sharedGate {@code [1, hidden]}, by whose sigmoid the shared expert counts (Qwen2); null
   *     when it counts in full
   */
  public record Parts(
      Weight router,
      @Nullable Weight bias,
      ExpertWeights experts,
      GatedFeedForward.@Nullable Parts shared,
      @Nullable Weight sharedGate) {}

  private static final RouterConfig ALWAYS =
      new RouterConfig(
          1, 1, RouterConfig.Scoring.SIGMOID, 1, 1, RouterConfig.GroupScore.MAX, false, 1);

  private final Ops ops;
  private final Parts parts;
  private final RouterConfig rule;
  private final @Nullable FeedForward shared;
  private final Tensor logits, sharedOut;
  private final Routing routing;
  private final long[] load;
  private boolean counting = true;

  DeepSeekMoe(FeedForwardConfig.MixtureOfExperts c, Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    rule = c.router();
    shared = shared(parts, w);
    logits = w.space().tensor("router", 1, rule.experts());
    sharedOut = w.space().tensor("shared", 1, parts.router().in());
    routing = w.backend().routing(w.space().tokens, rule.experts(), rule.topK());
    load = new long[rule.experts()];
  }

  /**
   * A gated expert is a mixture of one: its sigmoid is the weight that a router would give it. Its
   * own load says nothing.
   */
  private static @Nullable FeedForward shared(Parts parts, Wiring w) {
    GatedFeedForward.Parts all = parts.shared();
    Weight gate = parts.sharedGate();
    if (all == null || gate == null) {
      return all == null ? null : new GatedFeedForward(all, w);
    }
    ExpertWeights one =
        new ExpertWeights(
            List.of(all.gate().weight()), List.of(all.up().weight()), List.of(all.down().weight()));
    int width = all.gate().weight().out();
    FeedForwardConfig.MixtureOfExperts mixture =
        new FeedForwardConfig.MixtureOfExperts(ALWAYS, width, 0, false);
    return new DeepSeekMoe(mixture, new Parts(gate, null, one, null, null), w);
  }

  @Override
  public void forward(Tensor out, Tensor x) {
    ops.matmul(logits, x, parts.router());
    ops.route(routing, logits, parts.bias(), rule);
    ops.experts(out, x, parts.experts(), routing);
    if (shared != null) {
      shared.forward(sharedOut, x);
      ops.add(out, sharedOut);
    }
    if (counting) {
      routing.addLoad(load);
    }
  }

  @Override
  public long[] expertLoad() {
    return load.clone();
  }

  @Override
  public void countLoad(boolean counting) {
    this.counting = counting;
  }
}
