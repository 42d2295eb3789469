package dev.akvavit.text.split;

/**
 * {@code 's|'t|'re|'ve|'m|'ll|'d}: the English endings that every byte-level pattern tries first.
 */
final class Contractions {
  /** U+017F, which Unicode folds to {@code s}: a case-insensitive pattern matches it. */
  private static final char LONG_S = 'ſ';

  private Contractions() {}

  /** The end of the contraction at {@code at}, or {@link Matcher#NONE}. */
  static int match(CharSequence text, int at, int to, boolean anyCase) {
    if (to - at < 2 || text.charAt(at) != '\'') {
      return Matcher.NONE;
    }
    char first = fold(text.charAt(at + 1), anyCase);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return at + 2;
    }
    if (to - at < 3) {
      return Matcher.NONE;
    }
    char second = fold(text.charAt(at + 2), anyCase);
    boolean two = (first == 'r' || first == 'v') && second == 'e' || first == 'l' && second == 'l';
    return two ? at + 3 : Matcher.NONE;
  }

  private static char fold(char c, boolean anyCase) {
    if (!anyCase) {
      return c;
    }
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c == LONG_S ? 's' : c;
  }
}
