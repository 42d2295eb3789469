package dev.akvavit.text.split;

/**
 * A new piece behind every occurrence of a string: Hugging Face's {@code Split} by string, merged
 * with previous.
 */
public record AfterLiteral(String literal) implements Splitter {
  @Override
  public void split(CharSequence text, int from, int to, Pieces pieces) {
    int at = from;
    while (at + literal.length() <= to) {
      if (CharSequence.compare(text.subSequence(at, at + literal.length()), literal) == 0) {
        at += literal.length();
        pieces.cut(at);
      } else {
        at++;
      }
    }
    pieces.cut(to);
  }
}
