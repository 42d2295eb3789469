package dev.akvavit.cli;

/** What a command tells the shell. */
final class ExitCode {
  static final int OK = 0;

  /** The command ran and failed, or what it checked did. */
  static final int FAILURE = 1;

  /** The command line itself was wrong. */
  static final int USAGE = 2;

  private ExitCode() {}
}
