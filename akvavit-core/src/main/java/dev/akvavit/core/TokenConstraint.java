package dev.akvavit.core;

import java.util.Arrays;

/**
 * Which tokens may come next: all that the sampler knows of structured output. One instance follows
 * one request and is called by the engine's thread only: {@link #mask} before a token is drawn,
 * then {@link #accept} with the one drawn.
 */
public interface TokenConstraint {
  /** Allows every token. The engine knows it by identity and skips the mask. */
  TokenConstraint NONE =
      new TokenConstraint() {
        @Override
        public void mask(long[] allowed) {
          Arrays.fill(allowed, -1L);
        }

        @Override
        public void accept(int token) {}
      };

  /**
   * Sets bit {@code id % 64} of {@code allowed[id / 64]} for every token that may come next.
   *
   * @param allowed {@code [ceil(vocabulary / 64)]}, all zero on entry; bits beyond the vocabulary
   *     are ignored. When no bit is set the request ends as failed
   */
  void mask(long[] allowed);

  /** Follows the token that was drawn. */
  void accept(int token);
}
