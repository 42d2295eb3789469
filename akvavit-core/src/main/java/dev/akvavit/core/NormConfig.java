package dev.akvavit.core;

/** A model's normalisation: RMS (Zhang and Sennrich 2019) or LayerNorm with bias. */
public record NormConfig(Kind kind, float eps) {
  public enum Kind {
    RMS,
    LAYER
  }

  public NormConfig {
    Require.that(
        eps >= 0 && eps < 1, "epsilon of the norm " + eps + " must be 0 or more and below 1");
  }
}
