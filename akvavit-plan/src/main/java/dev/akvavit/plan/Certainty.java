package dev.akvavit.plan;

import java.util.Locale;

/** How far a figure can be trusted. */
public enum Certainty {
  /** The code that allocates computes the same number. */
  EXACT,
  /** Read from this machine. */
  MEASURED,
  /** Follows from a model's published code; this engine does not allocate it. */
  DERIVED,
  /** A published or rounded figure, or a rule of thumb. */
  ESTIMATED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
