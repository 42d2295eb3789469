package dev.akvavit.text.split;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ends of consecutive pieces of a text: the first starts at 0, each later one where the last
 * ended.
 */
public final class Pieces {
  private int[] ends = new int[64];
  private int count;

  /** The whole text as one piece, or none when it is empty. */
  public static Pieces whole(int length) {
    Pieces pieces = new Pieces();
    pieces.cut(length);
    return pieces;
  }

  /** Ends a piece at {@code end}, unless it would be empty. */
  public void cut(int end) {
    if (end == (count == 0 ? 0 : ends[count - 1])) {
      return;
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ends[count++] = end;
  }

  public int count() {
    return count;
  }

  public int start(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }

  public int end(int piece) {
    return ends[piece];
  }

  /** These pieces, each cut further. */
  public Pieces refine(CharSequence text, Splitter splitter) {
    Pieces refined = new Pieces();
    for (int i = 0; i < count; i++) {
      splitter.split(text, start(i), end(i), refined);
    }
    return refined;
  }

  /** The pieces' texts. */
  public List<String> texts(CharSequence text) {
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(text.subSequence(start(i), end(i)).toString());
    }
    return texts;
  }
}
