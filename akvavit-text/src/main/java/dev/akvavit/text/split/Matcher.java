package dev.akvavit.text.split;

/**
 * One pattern, anchored: where does a match that starts here end?
 *
 * <p>As a {@link Splitter} it does what Hugging Face calls <em>isolated</em>: every match is a
 * piece, and so is every stretch between matches.
 */
interface Matcher extends Splitter {
  /** The answer of {@link #match} when nothing matches. */
  int NONE = -1;

  /** The end of the match in {@code text[from, to)} that starts at {@code at}, or {@link #NONE}. */
  int match(CharSequence text, int from, int at, int to);

  @Override
  default void split(CharSequence text, int from, int to, Pieces pieces) {
    int at = from;
    while (at < to) {
      int end = match(text, from, at, to);
      if (end == NONE) {
        at += Character.charCount(Character.codePointAt(text, at));
      } else {
        pieces.cut(at);
        pieces.cut(end);
        at = end;
      }
    }
    pieces.cut(to);
  }
}
