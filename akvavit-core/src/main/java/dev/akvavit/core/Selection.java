package dev.akvavit.core;

/**
 * For each token of a step, the positions it may attend to; made by a backend, filled by {@link
 * Ops#select}.
 */
public interface Selection {
  /** Most positions a token may have. */
  int limit();

  /** The positions of one token, ascending; a copy, for tests and displays. */
  int[] positions(int token);
}
