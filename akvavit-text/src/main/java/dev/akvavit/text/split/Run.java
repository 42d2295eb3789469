package dev.akvavit.text.split;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A run of one class of characters, with or without one space before: {@code [class]+}, {@code
 * \s?[class]+}, {@code [class]{1,n}}.
 *
 * @param most the most code points of a run, not counting the space
 */
record Run(IntPredicate kind, boolean leadingSpace, int most) implements Matcher {
  /**
   * Reads {@code [class]}, {@code [class]+} or {@code \s?[class]+} with explicit ranges; null for
   * anything else.
   */
  static @Nullable Run parse(String pattern) {
    boolean space = pattern.startsWith("\\s?[");
    boolean many = pattern.endsWith("]+");
    int from = space ? 4 : 1;
    int to = pattern.length() - (many ? 2 : 1);
    if (from > to
        || pattern.charAt(from - 1) != '['
        || pattern.charAt(to) != ']'
        || space && !many) {
      return null;
    }
    IntPredicate kind = CodePointRanges.parse(pattern.substring(from, to));
    return kind == null ? null : new Run(kind, space, many ? Integer.MAX_VALUE : 1);
  }

  /** The pattern that {@link #parse} reads as this; null for a class without explicit ranges. */
  @Nullable String spelling() {
    if (!(kind instanceof CodePointRanges ranges) || most != 1 && most != Integer.MAX_VALUE) {
      return null;
    }
    return (leadingSpace ? "\\s?[" : "[") + ranges + (most == 1 ? "]" : "]+");
  }

  @Override
  public int match(CharSequence text, int from, int at, int to) {
    int start = at;
    if (leadingSpace && CodePoints.space(text.charAt(at))) {
      start = at + 1;
    }
    int end = CodePoints.run(text, start, to, kind, most);
    if (end == start && start > at) {
      // The optional space may itself belong to the class (U+3000 is such a character).
      start = at;
      end = CodePoints.run(text, at, to, kind, most);
    }
    return end > start ? end : NONE;
  }
}
