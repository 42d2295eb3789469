package dev.akvavit.core;

/** A layer's other half. */
public sealed interface FeedForwardConfig {
  /** SwiGLU (Shazeer 2020): {@code down(silu(gate x) * up x)}. */
  record Gated(int width, boolean bias) implements FeedForwardConfig {
    public Gated {
      Require.positive("intermediate_size", width);
    }
  }

  /** Two matrices with a nonlinearity between: GPT-2, StarCoder, Falcon. */
  record Plain(int width, Activation activation, boolean bias) implements FeedForwardConfig {
    public Plain {
      Require.positive("intermediate size", width);
    }
  }

  /**
   * DeepSeekMoE: fine-grained routed experts plus experts that every token uses.
   *
   * @param width of one routed expert
   * @param sharedWidth of all shared experts together; 0 when there are none
   * @param selectionBias whether the router has V3's correction bias
   * @param gatedShared whether each token weighs the shared expert by a sigmoid of its own (Qwen2)
   */
  record MixtureOfExperts(
      RouterConfig router, int width, int sharedWidth, boolean selectionBias, boolean gatedShared)
      implements FeedForwardConfig {
    public MixtureOfExperts {
      Require.positive("moe_intermediate_size", width);
      Require.that(!gatedShared || sharedWidth > 0, "a gate needs a shared expert");
    }

    /** One whose shared experts count in full. */
    public MixtureOfExperts(
        RouterConfig router, int width, int sharedWidth, boolean selectionBias) {
      this(router, width, sharedWidth, selectionBias, false);
    }
  }
}
