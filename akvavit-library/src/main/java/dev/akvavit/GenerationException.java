package dev.akvavit;

/** An answer that could not be finished; the model goes on serving others. */
public final class GenerationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public GenerationException(String message) {
    super(message);
  }
}
