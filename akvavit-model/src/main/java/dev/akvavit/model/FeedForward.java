package dev.akvavit.model;

import dev.akvavit.core.Tensor;

/** A layer's other half: a dense network or a mixture of experts. */
public interface FeedForward {
  /** Both {@code [tokens, 1, hidden]}. */
  void forward(Tensor out, Tensor x);

  /**
   * Tokens that each routed expert has served since the model was built; empty when there are none.
   */
  default long[] expertLoad() {
    return new long[0];
  }

  /** Whether experts' tokens are counted from now on. */
  default void countLoad(boolean counting) {}
}
