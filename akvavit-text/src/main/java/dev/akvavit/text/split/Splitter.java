package dev.akvavit.text.split;

/**
 * Cuts text into words before tokens are sought in each word alone.
 *
 * <p>Nothing is dropped: the pieces in order are the text. Implementations look at each code point
 * a bounded number of times, whatever the text.
 */
@FunctionalInterface
public interface Splitter {
  /** Reports the pieces of {@code text[from, to)}, in order, to {@code pieces}. */
  void split(CharSequence text, int from, int to, Pieces pieces);
}
