package dev.akvavit.cli;

/** Writes an answer to standard output as it comes. */
final class Typewriter implements Answer.Reader {
  private final Screen screen;
  private final boolean endsLine;
  private boolean atLineStart = true;

  private Typewriter(Screen screen, boolean endsLine) {
    this.screen = screen;
    this.endsLine = endsLine;
  }

  /**
   * One answer: a script gets its bytes and no more, a person's next prompt begins on a line of its
   * own.
   */
  static Typewriter ofAnswer(Screen screen) {
    return new Typewriter(screen, screen.outIsTerminal());
  }

  /** An answer of several: each ends its line. */
  static Typewriter ofAnswers(Screen screen) {
    return new Typewriter(screen, true);
  }

  @Override
  public void accept(String text) {
    screen.out().print(text);
    screen.out().flush();
    atLineStart = text.endsWith("\n");
  }

  @Override
  public void end() {
    if (endsLine && !atLineStart) {
      screen.out().println();
      atLineStart = true;
    }
  }
}
