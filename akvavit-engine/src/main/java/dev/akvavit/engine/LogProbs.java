package dev.akvavit.engine;

/**
 * Log probabilities of one drawn token and of the likeliest alternatives, from the model's own
 * distribution: before temperature, penalties, bias, filters and constraints. One instance serves
 * all requests; copy what must stay.
 */
public final class LogProbs {
  /** Most alternatives a request may ask for. */
  public static final int MAX_ALTERNATIVES = 20;

  final int[] ids = new int[MAX_ALTERNATIVES];
  final float[] values = new float[MAX_ALTERNATIVES];
  float chosen;
  int alternatives;
  boolean empty = true;

  LogProbs() {}

  /** True when the request did not ask for log probabilities. */
  public boolean isEmpty() {
    return empty;
  }

  /** Natural logarithm of the drawn token's probability. */
  public float chosen() {
    return chosen;
  }

  /** How many alternatives follow, likeliest first; the drawn token may be among them. */
  public int alternatives() {
    return alternatives;
  }

  /** Token id of alternative {@code i}. */
  public int id(int i) {
    return ids[i];
  }

  /** Natural logarithm of alternative {@code i}'s probability. */
  public float value(int i) {
    return values[i];
  }
}
