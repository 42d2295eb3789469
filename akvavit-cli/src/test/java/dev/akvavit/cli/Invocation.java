package dev.akvavit.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The command run in this JVM: its exit code and what it wrote. */
record Invocation(int exitCode, String out, String err) {
  /** Reference checkpoints of the test kit, as files: weights are mapped. */
  static final Path GOLDEN = Path.of("..", "akvavit-testkit", "src", "main", "resources", "golden");

  /** As in a script: no stream is a terminal, standard input is empty. */
  static Invocation of(String... args) {
    return reading("", args);
  }

  static Invocation reading(String input, String... args) {
    return on(input, false, args);
  }

  /** As at a terminal with colours. */
  static Invocation atTerminal(String... args) {
    return on("", true, args);
  }

  /** As at a terminal where somebody answers. */
  static Invocation answering(String input, String... args) {
    return on(input, true, args);
  }

  private static Invocation on(String input, boolean terminal, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Screen screen =
        new Screen(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            terminal,
            terminal,
            terminal);
    int exitCode = Main.run(screen, args);
    return new Invocation(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Standard output as a JSON object. */
  JsonObject json() {
    return JsonObject.of(out);
  }
}
