package dev.akvavit.text.template;

import org.jspecify.annotations.Nullable;

/** Python's idea of white space, which differs from Java's by the no-break spaces. */
final class Strings {
  private Strings() {}

  static boolean space(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** Whether {@code strip} takes this character; {@code null} means white space. */
  static boolean stripped(char c, @Nullable String set) {
    return set == null ? space(c) : set.indexOf(c) >= 0;
  }

  static Text strip(Text text, @Nullable String set, boolean left, boolean right) {
    String string = text.string();
    int from = 0;
    int to = string.length();
    while (left && from < to && stripped(string.charAt(from), set)) {
      from++;
    }
    while (right && to > from && stripped(string.charAt(to - 1), set)) {
      to--;
    }
    return text.slice(from, to);
  }
}
