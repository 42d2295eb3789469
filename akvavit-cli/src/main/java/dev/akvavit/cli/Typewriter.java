package dev.akvavit.cli;

/** Writes an answer to standard output as it comes; at a terminal its last line is ended. */
final class Typewriter implements Answer.Reader {
  private final Screen screen;
  private boolean atLineStart = true;

  Typewriter(Screen screen) {
    this.screen = screen;
  }

  @Override
  public void accept(String text) {
    screen.out().print(text);
    screen.out().flush();
    atLineStart = text.endsWith("\n");
  }

  /** A script gets the answer's bytes and no more. */
  @Override
  public void end() {
    if (screen.outIsTerminal() && !atLineStart) {
      screen.out().println();
    }
  }
}
