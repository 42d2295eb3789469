package dev.akvavit.core;

/** One layer: its attention and its feed-forward, in sequence or side by side. */
public record LayerConfig(
    AttentionConfig attention, FeedForwardConfig feedForward, Residual residual) {
  /** How the two halves join the residual stream. */
  public enum Residual {
    /** {@code x += attn(norm1 x); x += ff(norm2 x)}. */
    SEQUENTIAL,
    /** {@code x += attn(norm x) + ff(norm x)} with one norm: Falcon-7B. */
    PARALLEL_ONE_NORM,
    /** {@code x += attn(norm1 x) + ff(norm2 x)}: Falcon's new decoder. */
    PARALLEL_TWO_NORMS
  }
}
