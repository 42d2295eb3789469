package dev.akvavit.claims;

/**
 * How long to measure.
 *
 * @param repetitions of which the median counts
 * @param decodeContext longest context that a token is generated at
 * @param promptContext longest context that a prompt's chunk is computed at
 * @param textTokens of text that the shipped model reads
 */
public record Effort(int repetitions, int decodeContext, int promptContext, int textTokens) {
  /** For under five minutes on two cores. */
  public static final Effort FULL = new Effort(7, 16_384, 16_384, 3072);

  /** For under one. */
  public static final Effort QUICK = new Effort(3, 8192, 4096, 1024);
}
