package dev.akvavit.text.split;

/** {@code \s+$}: the spaces a piece ends with. */
final class TrailingSpaces implements Splitter {
  @Override
  public void split(CharSequence text, int from, int to, Pieces pieces) {
    int end = to;
    while (end > from && CodePoints.space(text.charAt(end - 1))) {
      end--;
    }
    pieces.cut(end);
    pieces.cut(to);
  }
}
