package dev.akvavit.text.split;

import java.util.function.IntPredicate;

/** Unicode classes as regular expressions name them, and runs of them. */
final class CodePoints {
  private static final int LETTER =
      mask(
          Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER);
  private static final int MARK =
      mask(Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK);
  private static final int NUMBER =
      mask(Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER);
  private static final int PUNCTUATION =
      mask(
          Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION);
  private static final int SYMBOL =
      mask(
          Character.MATH_SYMBOL,
          Character.CURRENCY_SYMBOL,
          Character.MODIFIER_SYMBOL,
          Character.OTHER_SYMBOL);
  private static final int WORD =
      mask(Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION);

  private CodePoints() {}

  /** {@code \p{L}}. */
  static boolean letter(int c) {
    return in(LETTER, c);
  }

  /** {@code [\p{L}\p{M}]}. */
  static boolean letterOrMark(int c) {
    return in(LETTER | MARK, c);
  }

  /** {@code \p{N}}. */
  static boolean number(int c) {
    return in(NUMBER, c);
  }

  /** {@code \p{P}}. */
  static boolean punctuation(int c) {
    return in(PUNCTUATION, c);
  }

  /** {@code [\p{P}\p{S}]}. */
  static boolean punctuationOrSymbol(int c) {
    return in(PUNCTUATION | SYMBOL, c);
  }

  /** {@code [\p{L}\p{N}]}. */
  static boolean letterOrNumber(int c) {
    return in(LETTER | NUMBER, c);
  }

  /**
   * {@code \w}, by which the reference finds word borders (Unicode technical standard 18, annex C).
   */
  static boolean word(int c) {
    return Character.isAlphabetic(c) || in(MARK | WORD, c) || c == 0x200C || c == 0x200D;
  }

  /** {@code \s}: Unicode's White_Space, which is neither Java's idea of it nor JavaScript's. */
  static boolean space(int c) {
    return c == ' '
        || (c >= 0x09 && c <= 0x0D)
        || c == 0x85
        || c == 0xA0
        || (c >= 0x1680 && wideSpace(c));
  }

  private static boolean wideSpace(int c) {
    return c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** {@code [\r\n]}. */
  static boolean newline(int c) {
    return c == '\n' || c == '\r';
  }

  /**
   * The end of the longest run of {@code kind} that starts at {@code at}; {@code at} itself when
   * there is none.
   */
  static int run(CharSequence text, int at, int to, IntPredicate kind) {
    return run(text, at, to, kind, Integer.MAX_VALUE);
  }

  /** The same, of at most {@code most} code points. */
  static int run(CharSequence text, int at, int to, IntPredicate kind, int most) {
    int end = at;
    for (int taken = 0; end < to && taken < most; taken++) {
      int c = Character.codePointAt(text, end);
      if (!kind.test(c)) {
        break;
      }
      end += Character.charCount(c);
    }
    return end;
  }

  /**
   * {@code \s*[\r\n]+|\s+(?!\S)|\s+}, the tail all byte-level patterns share: through the last line
   * break of the run of spaces; else the run but for its last space, which belongs to the word that
   * follows; else that space.
   */
  static int spaces(CharSequence text, int at, int to) {
    int end = run(text, at, to, CodePoints::space);
    for (int i = end; i > at; i--) {
      if (newline(text.charAt(i - 1))) {
        return i;
      }
    }
    return trailing(at, end, to);
  }

  /**
   * {@code \s+(?!\S)|\s+}, given the end of the run of spaces; {@link Matcher#NONE} for an empty
   * run.
   */
  static int trailing(int at, int end, int to) {
    if (end == at) {
      return Matcher.NONE;
    }
    return end == to || end == at + 1 ? end : end - 1;
  }

  private static boolean in(int mask, int c) {
    return (mask >> Character.getType(c) & 1) != 0;
  }

  private static int mask(int... types) {
    int mask = 0;
    for (int type : types) {
      mask |= 1 << type;
    }
    return mask;
  }
}
