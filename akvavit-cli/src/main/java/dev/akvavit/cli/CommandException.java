package dev.akvavit.cli;

/**
 * A command that cannot go on, in one line for the user: the thing, what was found, what is
 * allowed, what to do.
 */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }
}
