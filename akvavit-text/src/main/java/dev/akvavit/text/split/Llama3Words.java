package dev.akvavit.text.split;

/**
 * The words of Llama 3, GLM-4 and Qwen: one sign may lead a run of letters, digits come in short
 * groups, and signs swallow the line breaks after them.
 *
 * @param digits the most digits of a group: 3 for Llama 3 and GLM-4, 1 for Qwen
 */
record Llama3Words(int digits) implements Matcher {
  @Override
  public int match(CharSequence text, int from, int at, int to) {
    int contraction = Contractions.match(text, at, to, true);
    if (contraction != NONE) {
      return contraction;
    }
    int c = Character.codePointAt(text, at);
    if (CodePoints.letter(c)) {
      return CodePoints.run(text, at, to, CodePoints::letter);
    }
    if (CodePoints.number(c)) {
      return CodePoints.run(text, at, to, CodePoints::number, digits);
    }
    int next = at + Character.charCount(c);
    if (next < to
        && !CodePoints.newline(c)
        && CodePoints.letter(Character.codePointAt(text, next))) {
      return CodePoints.run(text, next, to, CodePoints::letter);
    }
    int start = c == ' ' ? next : at;
    int end = CodePoints.run(text, start, to, Gpt2Words::other);
    if (end > start) {
      return CodePoints.run(text, end, to, CodePoints::newline);
    }
    return CodePoints.spaces(text, at, to);
  }
}
