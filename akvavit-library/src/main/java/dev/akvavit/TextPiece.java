package dev.akvavit;

import java.util.List;

/**
 * What one token added to an answer.
 *
 * @param id the token
 * @param text the text that became certain with it: empty while a character is unfinished or a stop
 *     text may be beginning
 * @param logProb natural logarithm of its probability, NaN unless asked for
 * @param alternatives likeliest tokens at its place, likeliest first; empty unless asked for
 */
public record TextPiece(int id, String text, float logProb, List<Alternative> alternatives) {
  /** A token that might have been. */
  public record Alternative(int id, float logProb) {}

  public TextPiece {
    alternatives = List.copyOf(alternatives);
  }
}
