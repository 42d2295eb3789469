package dev.akvavit.text.split;

/**
 * GPT-2's words: contractions, then letters, numbers or other signs, each with one space before,
 * then spaces.
 */
final class Gpt2Words implements Matcher {
  @Override
  public int match(CharSequence text, int from, int at, int to) {
    int contraction = Contractions.match(text, at, to, false);
    if (contraction != NONE) {
      return contraction;
    }
    int start = text.charAt(at) == ' ' ? at + 1 : at;
    if (start < to) {
      int c = Character.codePointAt(text, start);
      if (CodePoints.letter(c)) {
        return CodePoints.run(text, start, to, CodePoints::letter);
      }
      if (CodePoints.number(c)) {
        return CodePoints.run(text, start, to, CodePoints::number);
      }
      if (!CodePoints.space(c)) {
        return CodePoints.run(text, start, to, Gpt2Words::other);
      }
    }
    return CodePoints.trailing(at, CodePoints.run(text, at, to, CodePoints::space), to);
  }

  /** {@code [^\s\p{L}\p{N}]}. */
  static boolean other(int c) {
    return !CodePoints.letterOrNumber(c) && !CodePoints.space(c);
  }
}
