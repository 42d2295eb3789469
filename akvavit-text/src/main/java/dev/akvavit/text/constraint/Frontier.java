package dev.akvavit.text.constraint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All ways to read what was written so far, as one state of a deterministic automaton that grows
 * while it is used. Owned by its {@link Frontiers}.
 */
final class Frontier {
  /** Each can write a byte. */
  final List<Reading> readings;

  /** Whether the value may end here. */
  final boolean complete;

  /** By byte; null as long as nobody asked. */
  @Nullable Frontier[] next = new Frontier[0];

  /** Which tokens may come; null as long as nobody asked. */
  long @Nullable [] mask;

  /**
   * The one with the same mask whose counters are no longer than a token; null as long as unknown.
   */
  @Nullable Frontier nearby;

  /** The last walk that came by, and the bytes it tried here. */
  long walk;

  final long[] tried = new long[4];

  Frontier(List<Reading> readings, boolean complete) {
    this.readings = readings;
    this.complete = complete;
  }

  /** Whether no text continues from here. */
  boolean dead() {
    return readings.isEmpty() && !complete;
  }
}
