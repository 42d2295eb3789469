package dev.akvavit.hub;

import java.util.Objects;

/** The secret that tells the hub who asks. It is shown nowhere: not in messages, not in logs. */
public final class Token {
  /** Asks as anybody. */
  public static final Token NONE = new Token("");

  private final String secret;

  private Token(String secret) {
    this.secret = secret;
  }

  /**
   * @param text white space around it is dropped; empty is {@link #NONE}
   * @param origin where it was found, for the message
   * @throws HubException when it cannot stand in a header
   */
  public static Token of(String text, String origin) {
    String secret = Objects.requireNonNull(text).strip();
    if (!secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new HubException(
          HubException.Reason.BAD_NAME,
          origin
              + ": found a token with spaces or control characters, allowed: hf_… as the hub"
              + " shows it");
    }
    return secret.isEmpty() ? NONE : new Token(secret);
  }

  /** Whether there is one. */
  public boolean isPresent() {
    return !secret.isEmpty();
  }

  /** Only {@link HubClient} may send it. */
  String secret() {
    return secret;
  }

  @Override
  public String toString() {
    return isPresent() ? "token ***" : "no token";
  }
}
