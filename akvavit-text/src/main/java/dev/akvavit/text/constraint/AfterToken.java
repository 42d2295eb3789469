package dev.akvavit.text.constraint;

import dev.akvavit.core.TokenConstraint;
import java.util.Arrays;

/** Lets a model think freely up to a token, behind which another constraint holds. */
final class AfterToken implements TokenConstraint {
  private final int opening;
  private final int[] endTokens;
  private final TokenConstraint behind;
  private boolean passed;

  AfterToken(int opening, int[] endTokens, TokenConstraint behind) {
    this.opening = opening;
    this.endTokens = endTokens;
    this.behind = behind;
  }

  @Override
  public void mask(long[] allowed) {
    if (passed) {
      behind.mask(allowed);
      return;
    }
    Arrays.fill(allowed, -1L);
    for (int id : endTokens) {
      if (id >> 6 < allowed.length) {
        allowed[id >> 6] &= ~(1L << id);
      }
    }
  }

  @Override
  public void accept(int token) {
    if (passed) {
      behind.accept(token);
    } else {
      passed = token == opening;
    }
  }
}
