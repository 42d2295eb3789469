package dev.akvavit.text.template;

/**
 * A chat template could not render a conversation: the template raised an error of its own, used a
 * value in a way it does not allow, or ran out of fuel. Names the line of the template.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;

  TemplateException(int line, String message) {
    super("chat template, line " + line + ": " + message);
    this.line = line;
  }

  /** For a format that is code rather than a template. */
  TemplateException(String message) {
    super("chat format: " + message);
    this.line = 0;
  }

  /** The line of the template, from 1; 0 where there is none. */
  public int line() {
    return line;
  }
}
