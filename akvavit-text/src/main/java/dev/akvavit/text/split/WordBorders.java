package dev.akvavit.text.split;

/** What stands around an added token: words that forbid it, spaces that it swallows. */
public final class WordBorders {
  private WordBorders() {}

  /**
   * Whether neither the character before {@code start} nor the one at {@code end} belongs to a
   * word.
   */
  public static boolean around(String text, int start, int end) {
    return (start == 0 || !CodePoints.word(text.codePointBefore(start)))
        && (end == text.length() || !CodePoints.word(text.codePointAt(end)));
  }

  /** The start of the white space that ends at {@code at}, not before {@code from}. */
  public static int spacesBefore(String text, int from, int at) {
    int start = at;
    while (start > from && CodePoints.space(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  /** The end of the white space that starts at {@code at}. */
  public static int spacesAfter(String text, int at) {
    return CodePoints.run(text, at, text.length(), CodePoints::space);
  }
}
