package dev.akvavit.core;

/**
 * A rotary embedding (Su et al. 2021): its pairing, one frequency a pair, and a magnitude on cosine
 * and sine.
 *
 * @param inverseFrequency {@code [r / 2]} radians per position, for {@code r} rotated elements
 */
public record Rope(RopeStyle style, float[] inverseFrequency, float magnitude) {
  /** Rotated elements of each head. */
  public int dim() {
    return 2 * inverseFrequency.length;
  }
}
