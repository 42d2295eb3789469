package dev.akvavit.cli;

import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import java.util.List;
import java.util.stream.Stream;

/**
 * The place in a text where something is to be filled in: what stands before it and what stands
 * after.
 */
record Gap(String prefix, String suffix) {
  /** Longest stop text that the library takes. */
  private static final int MAX_STOP = 256;

  /** Characters that make a line one of its kind; braces and {@code else} are not. */
  private static final int TELLING = 10;

  /**
   * The gap at a line and column, both counted from 1.
   *
   * @param line 0 for the end of the text
   * @param column 0 for the end of the line
   */
  static Gap at(String text, int line, int column) {
    if (line == 0) {
      return new Gap(text, "");
    }
    int start = 0;
    for (int l = 1; l < line; l++) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        throw new CommandException(
            "line: found " + line + ", allowed: 1.." + l + ", the lines of the file");
      }
      start = end + 1;
    }
    int end = text.indexOf('\n', start) < 0 ? text.length() : text.indexOf('\n', start);
    int length = end - start;
    if (column > length + 1) {
      throw new CommandException(
          "column: found "
              + column
              + ", allowed: 1.."
              + (length + 1)
              + ", the characters of line "
              + line);
    }
    int at = column == 0 ? end : start + column - 1;
    return new Gap(text.substring(0, at), text.substring(at));
  }

  /**
   * Whether nothing but white space follows: then there is no middle, only an end to go on from.
   */
  boolean isEnd() {
    return suffix.isBlank();
  }

  /**
   * The gap with as much text around it as {@code room} tokens hold: whole lines are dropped from
   * the top and, when what follows fills more than a quarter of the room, from the bottom.
   */
  Gap fitted(Tokenizer tokenizer, int room) {
    int before = tokens(tokenizer, prefix);
    int after = isEnd() ? 0 : tokens(tokenizer, suffix);
    if (before + after <= room) {
      return this;
    }
    String kept = suffix;
    int quarter = Math.max(room / 4, room - before);
    while (after > quarter && !kept.isEmpty()) {
      int line = kept.lastIndexOf('\n', (int) ((long) kept.length() * quarter / after) - 1);
      kept = kept.substring(0, Math.max(line, 0));
      after = tokens(tokenizer, kept);
    }
    String head = prefix;
    while (before > room - after && !head.isEmpty()) {
      int line =
          head.indexOf(
              '\n', head.length() - (int) ((long) head.length() * (room - after) / before));
      head = line < 0 ? "" : head.substring(line + 1);
      before = tokens(tokenizer, head);
    }
    return new Gap(head, kept);
  }

  private static int tokens(Tokenizer tokenizer, String text) {
    return tokenizer.encode(Prompt.content(text)).length;
  }

  /**
   * Texts at which a middle begins to repeat what follows: the rest of the gap's own line, or else
   * the next line that is not blank, in its place and, where it says enough to be known anywhere,
   * without its indentation. Models that seldom stop by themselves stop there.
   */
  List<String> repetitions() {
    int end = suffix.indexOf('\n');
    String rest = (end < 0 ? suffix : suffix.substring(0, end)).stripTrailing();
    if (!rest.isBlank()) {
      return List.of(clipped(rest + "\n"));
    }
    return suffix
        .lines()
        .skip(1)
        .filter(line -> !line.isBlank())
        .findFirst()
        .map(line -> Stream.of("\n" + line.stripTrailing() + "\n", line.strip() + "\n"))
        .orElse(Stream.of())
        .filter(stop -> stop.startsWith("\n") || stop.length() >= TELLING)
        .map(Gap::clipped)
        .toList();
  }

  private static String clipped(String stop) {
    return stop.length() <= MAX_STOP ? stop : stop.substring(0, MAX_STOP);
  }

  /** Lines of text that another gap of the same place lacks before and after. */
  int linesDroppedBy(Gap fitted) {
    return lineBreaks(prefix)
        - lineBreaks(fitted.prefix)
        + lineBreaks(suffix)
        - lineBreaks(fitted.suffix);
  }

  private static int lineBreaks(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }
}
