package dev.akvavit.core;

/**
 * A file that breaks its format's rules. Says which file, which field, what was found and what is
 * allowed.
 */
public final class MalformedFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String file;
  private final String field;

  public MalformedFileException(String file, String field, String found, String allowed) {
    super(file + ": " + field + ": found " + found + ", allowed: " + allowed);
    this.file = file;
    this.field = field;
  }

  public MalformedFileException(
      String file, String field, String found, String allowed, Throwable cause) {
    this(file, field, found, allowed);
    initCause(cause);
  }

  public String file() {
    return file;
  }

  public String field() {
    return field;
  }
}
