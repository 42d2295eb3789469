package dev.akvavit.text.split;

/**
 * SentencePiece words: a new piece before every U+2581 {@code ▁}, the sign that stands for a space.
 */
public final class Metaspaces implements Splitter {
  public static final char SIGN = '▁';

  @Override
  public void split(CharSequence text, int from, int to, Pieces pieces) {
    for (int at = from; at < to; at++) {
      if (text.charAt(at) == SIGN) {
        pieces.cut(at);
      }
    }
    pieces.cut(to);
  }
}
