package dev.akvavit.core;

/**
 * A well-formed model that this engine would compute wrongly. Says which setting, its value and
 * what is supported.
 */
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnsupportedModelException(String file, String setting, String found, String supported) {
    super(file + ": " + setting + " = " + found + " is not supported; supported: " + supported);
  }
}
