package dev.akvavit.text.template;

/**
 * A chat template could not render a conversation: the template raised an error of its own, used a value in a way it does
 * not allow, or ran out of fuel. Names the line of the template.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;

  TemplateException(int line, String message) {
    super("chat template, line " + line + ": " + message);
    this.line = line;
  }

  /** The line of the template, from 1. */
  public int line() {
    return line;
  }
}
