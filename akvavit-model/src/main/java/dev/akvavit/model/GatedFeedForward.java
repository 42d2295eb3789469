package dev.akvavit.model;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;

/** SwiGLU (Shazeer 2020): {@code out = W_down (silu(W_gate x) ⊙ W_up x)}. */
public final class GatedFeedForward implements FeedForward {

  /**
   * @param gate {@code [width, hidden]}
   * @param up {@code [width, hidden]}
   * @param down {@code [hidden, width]}
   */
  public record Parts(Linear gate, Linear up, Linear down) {}

  private final Ops ops;
  private final Parts parts;
  private final JointLinear rise;
  private final Tensor g, u; // [tokens, 1, width]

  GatedFeedForward(Parts parts, Wiring w) {
    this.parts = parts;
    ops = w.ops();
    g = w.space().tensor("gate", 1, parts.gate().weight().out());
    u = w.space().tensor("up", 1, parts.gate().weight().out());
    rise = new JointLinear(new Tensor[] {g, u}, parts.gate(), parts.up());
  }

  @Override
  public void forward(Tensor out, Tensor x) {
    rise.apply(ops, x);
    ops.swiglu(g, g, u);
    parts.down().apply(ops, out, g);
  }
}
