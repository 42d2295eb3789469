package dev.akvavit.cli;

/** Names on the left, facts on the right, in sections: how {@code show} and {@code doctor} look. */
final class Table {
  private static final int NAME_WIDTH = 17;

  private final Screen screen;

  Table(Screen screen) {
    this.screen = screen;
  }

  void title(String name, String detail) {
    screen.say(screen.boldOut(name) + (detail.isEmpty() ? "" : "  " + screen.dimOut(detail)));
  }

  void section(String name) {
    screen.out().println();
    screen.say(screen.boldOut(name));
  }

  void row(String name, String fact) {
    screen.say(
        "  " + screen.dimOut(name + " ".repeat(Math.max(1, NAME_WIDTH - name.length()))) + fact);
  }
}
