package dev.akvavit.model;

import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
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
   */
  public record Parts(
      Weight router,
      @Nullable Weight bias,
      ExpertWeights experts,
      GatedFeedForward.@Nullable Parts shared) {}

  private final Ops ops;
  private final Parts parts;
  private final RouterConfig rule;
  private final @Nullable GatedFeedForward shared;
  private final Tensor logits, sharedOut;
  private final Routing routing;
  private final long[] load;

  DeepSeekMoe(FeedForwardConfig.MixtureOfExperts c, Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    rule = c.router();
    shared = parts.shared() == null ? null : new GatedFeedForward(parts.shared(), w);
    logits = w.space().tensor("router", 1, rule.experts());
    sharedOut = w.space().tensor("shared", 1, parts.router().in());
    routing = w.backend().routing(w.space().tokens, rule.experts(), rule.topK());
    load = new long[rule.experts()];
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
    routing.addLoad(load);
  }

  @Override
  public long[] expertLoad() {
    return load.clone();
  }
}
