package dev.akvavit.text;

/**
 * A token found in the text before words are, by its spelling alone.
 *
 * @param special whether the file marks it as special
 * @param singleWord found only between characters that are no part of a word
 * @param leftStrip swallows the white space before it
 * @param rightStrip swallows the white space after it
 */
public record AddedToken(
    int id,
    String text,
    boolean special,
    boolean singleWord,
    boolean leftStrip,
    boolean rightStrip) {
  /**
   * Whether the token steers the model, so that no user may spell it: one marked special, or one in
   * brackets like {@code <think>} and {@code [INST]}, which some files leave unmarked. Others, such
   * as runs of spaces, are text.
   */
  public boolean control() {
    return special
        || text.startsWith("<") && text.endsWith(">")
        || text.startsWith("[") && text.endsWith("]");
  }
}
