package dev.akvavit.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a command reads and writes, and which of the three a person sits at. Answers go to {@code
 * out}; statistics, progress and errors go to {@code err}.
 */
record Screen(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inIsTerminal,
    boolean outIsTerminal,
    boolean errIsTerminal,
    boolean colour) {

  /**
   * The process's own streams, in UTF-8 whatever the locale says: models answer in all languages.
   */
  static Screen ofProcess() {
    Map<String, String> env = System.getenv();
    boolean plain =
        !env.getOrDefault("NO_COLOR", "").isEmpty()
            || env.getOrDefault("TERM", "dumb").equals("dumb");
    return new Screen(
        new FileInputStream(FileDescriptor.in),
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        isTerminal(0),
        isTerminal(1),
        // The launcher filters standard error through a pipe and says what lies behind it.
        isTerminal(2) || env.getOrDefault("AKVAVIT_STDERR_TERMINAL", "").equals("1"),
        !plain);
  }

  /** The JDK only tells whether all streams are a terminal; the kernel knows each. */
  private static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    if (!Files.isSymbolicLink(link)) { // not Linux
      return System.console() != null && System.console().isTerminal();
    }
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /** A line of the answer. */
  void say(String line) {
    out.println(line);
  }

  /** The same of a format, whatever the locale. */
  void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  /** The answer as JSON. */
  void json(Record report) {
    out.println(RecordJson.of(report));
  }

  /** A line beside the answer. */
  void tell(String line) {
    err.println(line);
  }

  /** Lines of whole words that are no longer than a width. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** Dimmed on an output that is a terminal: what the user knows already. */
  String dimOut(String text) {
    return outIsTerminal ? styled("2", text) : text;
  }

  String boldOut(String text) {
    return outIsTerminal ? styled("1", text) : text;
  }

  String greenOut(String text) {
    return outIsTerminal ? styled("32", text) : text;
  }

  String redOut(String text) {
    return outIsTerminal ? styled("31", text) : text;
  }

  String dimErr(String text) {
    return errIsTerminal ? styled("2", text) : text;
  }

  String redErr(String text) {
    return errIsTerminal ? styled("31", text) : text;
  }

  private String styled(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
