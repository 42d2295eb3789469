package dev.akvavit;

/**
 * A model or a context that this machine cannot hold. Says what was asked for, what there is, and
 * what to change.
 */
public final class CapacityException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CapacityException(String message) {
    super(message);
  }
}
