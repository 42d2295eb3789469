package dev.akvavit.text.constraint;

import java.util.List;

/** A regular expression without memory, as a tree. */
sealed interface Pattern {
  /** One character of a set. */
  record One(CodePoints set) implements Pattern {}

  record Sequence(List<Pattern> parts) implements Pattern {}

  record Choice(List<Pattern> options) implements Pattern {}

  /**
   * @param most {@link AutomatonBuilder#UNBOUNDED} for no bound
   */
  record Repeat(Pattern body, int least, int most) implements Pattern {}

  /**
   * An alternative of the whole pattern.
   *
   * @param fromStart whether it begins with {@code ^}
   * @param toEnd whether it ends with {@code $}
   */
  record Anchored(Pattern body, boolean fromStart, boolean toEnd) implements Pattern {}
}
