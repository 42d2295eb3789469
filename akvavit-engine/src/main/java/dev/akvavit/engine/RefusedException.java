package dev.akvavit.engine;

/** The engine takes no more work now; the same request may succeed later, or elsewhere. */
public final class RefusedException extends RuntimeException {
  /** What stood in the way. */
  public enum Reason {
    /** As many requests wait as the limits allow. */
    QUEUED_REQUESTS,
    /** The prompts that wait hold as many tokens as the limits allow. */
    QUEUED_TOKENS,
    /** The engine is draining or closed. */
    CLOSED
  }

  private final Reason reason;

  RefusedException(Reason reason, String message) {
    super(message, null, false, false); // refusing is cheap, above all under load: no stack trace
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
