package dev.akvavit.text.constraint;

/** One way on from a state of an {@link Automaton}; all but {@link Bytes} write nothing. */
sealed interface Arc {
  /** Writes one byte, {@code low} to {@code high} (0 to 255). */
  record Bytes(int low, int high, int target) implements Arc {}

  record Jump(int target) implements Arc {}

  /** Follows a rule to its end, then goes on at {@code target}. */
  record Call(int rule, int target) implements Arc {}

  /** Goes over to a rule for good: what follows this rule follows that one. */
  record Become(int rule) implements Arc {}

  /** Counts one more character or element, if there is room for it. */
  record Take(int target) implements Arc {}

  /** Goes on if as many were counted as are needed. */
  record Enough(int target) implements Arc {}

  /** The rule is at its end. */
  record Return() implements Arc {}
}
