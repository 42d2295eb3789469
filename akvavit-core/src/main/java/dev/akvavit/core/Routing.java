package dev.akvavit.core;

/**
 * For each token of a step, its experts and their weights; made by a backend, filled by {@link
 * Ops#route}.
 */
public interface Routing {
  /** The experts of one token, ascending; a copy, for tests and displays. */
  int[] experts(int token);

  /** Weights in the order of {@link #experts}. */
  float[] weights(int token);

  /** Adds to {@code load[e]} the number of this step's tokens that chose expert {@code e}. */
  void addLoad(long[] load);
}
