package dev.akvavit.text.split;

/**
 * The third pattern of DeepSeek-V3, after numbers and Chinese were taken out: an ASCII sign may
 * lead ASCII letters, any other sign-free character leads letters and marks, and signs swallow the
 * line breaks after them.
 */
final class DeepSeekV3Words implements Matcher {
  @Override
  public int match(CharSequence text, int from, int at, int to) {
    int c = Character.codePointAt(text, at);
    int next = at + Character.charCount(c);
    if (asciiSign(c)) {
      int end = CodePoints.run(text, next, to, DeepSeekV3Words::asciiLetter);
      if (end > next) {
        return end;
      }
    }
    if (!CodePoints.letter(c) && !CodePoints.punctuationOrSymbol(c) && !CodePoints.newline(c)) {
      int end = CodePoints.run(text, next, to, CodePoints::letterOrMark);
      if (end > next) {
        return end;
      }
    }
    if (CodePoints.letterOrMark(c)) {
      return CodePoints.run(text, at, to, CodePoints::letterOrMark);
    }
    int start = c == ' ' ? next : at;
    int end = CodePoints.run(text, start, to, CodePoints::punctuationOrSymbol);
    if (end > start) {
      return CodePoints.run(text, end, to, CodePoints::newline);
    }
    return CodePoints.spaces(text, at, to);
  }

  private static boolean asciiSign(int c) {
    return c > ' ' && c < 0x7F && !asciiLetter(c) && !(c >= '0' && c <= '9');
  }

  private static boolean asciiLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
