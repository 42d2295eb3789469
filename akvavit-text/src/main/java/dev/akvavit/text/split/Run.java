package dev.akvavit.text.split;

import java.util.function.IntPredicate;

/**
 * A run of one class of characters, with or without one space before: {@code [class]+}, {@code \s?[class]+}, {@code
 * [class]{1,n}}.
 *
 * @param most the most code points of a run, not counting the space
 */
record Run(IntPredicate kind, boolean leadingSpace, int most) implements Matcher {
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
