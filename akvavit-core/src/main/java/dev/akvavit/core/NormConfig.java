package dev.akvavit.core;

/** A model's normalisation: RMS (Zhang and Sennrich 2019) or LayerNorm with bias. */
public record NormConfig(Kind kind, float eps) {
  public enum Kind {
    RMS,
    LAYER
  }
}
