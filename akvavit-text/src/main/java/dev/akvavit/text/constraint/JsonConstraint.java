package dev.akvavit.text.constraint;

import dev.akvavit.core.TokenConstraint;
import dev.akvavit.text.Tokenizer;

/** Lets one request write nothing but a value of a schema, and then its end. */
final class JsonConstraint implements TokenConstraint {
  private final Masks masks;
  private final Tokenizer tokenizer;
  private final int[] endTokens;
  private Frontier at;

  JsonConstraint(Masks masks, Tokenizer tokenizer, int[] endTokens) {
    this.masks = masks;
    this.tokenizer = tokenizer;
    this.endTokens = endTokens;
    at = masks.start();
  }

  @Override
  public void mask(long[] allowed) {
    long[] mask = masks.mask(at);
    System.arraycopy(mask, 0, allowed, 0, Math.min(mask.length, allowed.length));
    if (at.complete) {
      for (int id : endTokens) {
        if (id >> 6 < allowed.length) {
          allowed[id >> 6] |= 1L << id;
        }
      }
    }
  }

  @Override
  public void accept(int token) {
    for (int id : endTokens) {
      if (id == token) {
        return;
      }
    }
    Frontier next = masks.step(at, tokenizer.bytes(token));
    if (next.dead()) {
      throw new IllegalStateException(
          "token " + token + " \"" + tokenizer.token(token) + "\" is not allowed here");
    }
    at = next;
  }
}
