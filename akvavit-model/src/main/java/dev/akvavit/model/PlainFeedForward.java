package dev.akvavit.model;

import dev.akvavit.core.Activation;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;

/** The transformer's first feed-forward (Vaswani et al. 2017): {@code out = W_down f(W_up x)}. */
public final class PlainFeedForward implements FeedForward {

  /**
   * @param up {@code [width, hidden]}
   * @param down {@code [hidden, width]}
   */
  public record Parts(Linear up, Linear down) {}

  private final Ops ops;
  private final Parts parts;
  private final Activation f;
  private final Tensor u; // [tokens, 1, width]

  PlainFeedForward(FeedForwardConfig.Plain c, Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    f = c.activation();
    u = w.space().tensor("up", 1, c.width());
  }

  @Override
  public void forward(Tensor out, Tensor x) {
    parts.up().apply(ops, u, x);
    ops.activate(u, f);
    parts.down().apply(ops, out, u);
  }
}
