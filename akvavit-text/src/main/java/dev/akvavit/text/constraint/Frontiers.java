package dev.akvavit.text.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Automaton} made deterministic as far as texts lead into it: every set of readings once,
 * every step remembered. Not for threads.
 *
 * <p>At most {@value #READINGS} readings are followed, the first ones; a text that follows any of
 * them is valid, so forgetting others only narrows the choice. Source: Rabin and Scott, "Finite
 * Automata and Their Decision Problems" (1959), for the construction by subsets.
 */
final class Frontiers {
  static final int READINGS = 512;

  /** Bounds the search for readings that write; longer than any chain of silent arcs. */
  private static final int VISITS = 120_000;

  private static final int FRONTIER_BYTES = 320;
  private static final int NEXT_BYTES = 1040;
  private static final int READING_BYTES = 48;

  private record FrameKey(int state, int need, int room, @Nullable Frame caller) {}

  private record Closed(List<Reading> readings, boolean complete) {}

  private final Automaton automaton;
  private final int horizon;
  private final long mostBytes;
  private final Map<FrameKey, Frame> frames = new HashMap<>();
  private final Map<Set<Reading>, Frontier> closures = new HashMap<>();
  private final Map<Closed, Frontier> frontiers = new HashMap<>();
  private long bytes;
  private long walk;
  private long work;

  /**
   * @param horizon the most bytes of a token
   * @param mostBytes heap to remember steps in
   */
  Frontiers(Automaton automaton, int horizon, long mostBytes) {
    this.automaton = automaton;
    this.horizon = horizon + 1;
    this.mostBytes = mostBytes;
  }

  Frontier start() {
    Automaton.Rule root = automaton.root();
    return closure(Set.of(new Reading(root.start(), root.need(), root.room(), null)));
  }

  long bytes() {
    return bytes;
  }

  /** Whether so much is remembered that it should be forgotten between two tokens. */
  boolean full() {
    return bytes > mostBytes;
  }

  /** Accounts for something that hangs on a frontier. */
  void hold(long more) {
    bytes += more;
  }

  /** Forgets all steps; frontiers in use stay valid. */
  void forget() {
    for (Frontier frontier : frontiers.values()) {
      frontier.next = new Frontier[0];
      frontier.mask = null;
      frontier.nearby = null;
    }
    frames.clear();
    closures.clear();
    frontiers.clear();
    bytes = 0;
  }

  /** Begins to count {@link #work}. */
  void begin() {
    walk++;
    work = 0;
  }

  /** Readings followed since {@link #begin}, each step counted once, whether remembered or not. */
  long work() {
    return work;
  }

  /** All readings after one more byte. */
  Frontier step(Frontier from, int write) {
    if (from.walk != walk) {
      from.walk = walk;
      Arrays.fill(from.tried, 0);
    }
    long bit = 1L << write;
    if ((from.tried[write >> 6] & bit) == 0) {
      from.tried[write >> 6] |= bit;
      work += 1 + from.readings.size();
    }
    Frontier known = from.next.length == 0 ? null : from.next[write];
    if (known != null) {
      return known;
    }
    Set<Reading> reached = new LinkedHashSet<>();
    for (Reading reading : from.readings) {
      for (Arc.Bytes arc : automaton.writes(reading.state())) {
        if (write >= arc.low() && write <= arc.high()) {
          reached.add(new Reading(arc.target(), reading.need(), reading.room(), reading.caller()));
        }
      }
    }
    Frontier next = closure(reached);
    if (!full()) {
      if (from.next.length == 0) {
        from.next = new Frontier[256];
        bytes += NEXT_BYTES;
      }
      from.next[write] = next;
    }
    return next;
  }

  /** Follows the silent arcs. */
  private Frontier closure(Set<Reading> reached) {
    Frontier known = closures.get(reached);
    if (known != null) {
      return known;
    }
    Deque<Reading> open = new ArrayDeque<>(reached);
    Set<Reading> seen = new LinkedHashSet<>(reached);
    List<Reading> writing = new ArrayList<>();
    boolean complete = false;
    while (!open.isEmpty() && writing.size() < READINGS && seen.size() < VISITS) {
      Reading reading = open.remove();
      if (automaton.writes(reading.state()).length > 0) {
        writing.add(reading);
      }
      for (Arc arc : automaton.others(reading.state())) {
        complete |= arc instanceof Arc.Return && reading.caller() == null;
        Reading next = silent(reading, arc);
        if (next != null && fits(next) && seen.add(next)) {
          open.add(next);
        }
      }
    }
    Frontier frontier = shared(new Closed(List.copyOf(writing), complete));
    if (!full()) {
      closures.put(reached, frontier);
      bytes += READING_BYTES * (long) reached.size();
    }
    return frontier;
  }

  /** Whether a reading can end without nesting too deep. */
  private boolean fits(Reading reading) {
    return Frame.depth(reading.caller()) + automaton.height(reading.state()) <= automaton.depth();
  }

  private @Nullable Reading silent(Reading at, Arc arc) {
    return switch (arc) {
      case Arc.Jump jump -> new Reading(jump.target(), at.need(), at.room(), at.caller());
      case Arc.Become become -> begin(automaton.rule(become.rule()), at.caller());
      case Arc.Call call ->
          begin(
              automaton.rule(call.rule()), frame(call.target(), at.need(), at.room(), at.caller()));
      case Arc.Take take ->
          at.room() == 0
              ? null
              : new Reading(
                  take.target(),
                  Math.max(0, at.need() - 1),
                  at.room() < 0 ? at.room() : at.room() - 1,
                  at.caller());
      case Arc.Enough enough ->
          at.need() > 0 ? null : new Reading(enough.target(), at.need(), at.room(), at.caller());
      case Arc.Return _ -> {
        Frame caller = at.caller();
        yield caller == null
            ? null
            : new Reading(caller.state(), caller.need(), caller.room(), caller.caller());
      }
      case Arc.Bytes _ -> null;
    };
  }

  private static Reading begin(Automaton.Rule rule, @Nullable Frame caller) {
    return new Reading(rule.start(), rule.need(), rule.room(), caller);
  }

  private Frame frame(int state, int need, int room, @Nullable Frame caller) {
    FrameKey key = new FrameKey(state, need, room, caller);
    Frame known = frames.get(key);
    if (known == null) {
      known = new Frame(state, need, room, caller);
      frames.put(key, known);
      bytes += READING_BYTES;
    }
    return known;
  }

  private Frontier shared(Closed closed) {
    Frontier known = frontiers.get(closed);
    if (known == null) {
      known = new Frontier(closed.readings, closed.complete);
      if (!full()) {
        frontiers.put(closed, known);
        bytes += FRONTIER_BYTES + READING_BYTES * (long) closed.readings.size();
      }
    }
    return known;
  }

  /**
   * The frontier that allows the same tokens with counters cut to what one token can count, so that
   * masks are shared along long texts and arrays.
   */
  Frontier nearby(Frontier frontier) {
    if (frontier.nearby == null) {
      Set<Reading> cut = new LinkedHashSet<>();
      for (Reading reading : frontier.readings) {
        cut.add(
            new Reading(
                reading.state(),
                Math.min(reading.need(), horizon),
                Math.min(reading.room(), horizon),
                cut(reading.caller())));
      }
      frontier.nearby = shared(new Closed(List.copyOf(cut), frontier.complete));
    }
    return frontier.nearby;
  }

  /** Nested as deep as the value may be. */
  private @Nullable Frame cut(@Nullable Frame frame) {
    return frame == null
        ? null
        : frame(
            frame.state(),
            Math.min(frame.need(), horizon),
            Math.min(frame.room(), horizon),
            cut(frame.caller()));
  }
}
