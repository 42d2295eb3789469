package dev.akvavit.text.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts states, arcs and rules together, paying for each. */
final class AutomatonBuilder {
  /** No bound on what a rule counts. */
  static final int UNBOUNDED = -1;

  private record Via(int low, int high, int target) {}

  private final SchemaLimits limits;
  private final List<List<Arc>> arcs = new ArrayList<>();
  private final List<Automaton.Rule> rules = new ArrayList<>();
  private final Map<Via, Integer> vias = new HashMap<>();
  private int steps;
  private String path = "#";

  AutomatonBuilder(SchemaLimits limits) {
    this.limits = limits;
  }

  SchemaLimits limits() {
    return limits;
  }

  /** Where in the schema the work is, for messages. */
  void at(String place) {
    path = place;
  }

  String path() {
    return path;
  }

  void spend(long count) {
    if (count > limits.steps() - steps) {
      throw new SchemaException(
          path,
          "",
          "the schema takes more than " + limits.steps() + " steps to compile; simplify it");
    }
    steps += (int) count;
  }

  int state() {
    if (arcs.size() >= limits.states()) {
      throw new SchemaException(
          path, "", "the schema needs more than " + limits.states() + " states; simplify it");
    }
    spend(1);
    arcs.add(new ArrayList<>(2));
    return arcs.size() - 1;
  }

  void add(int from, Arc arc) {
    spend(1);
    arcs.get(from).add(arc);
  }

  /** A rule that counts nothing. */
  int rule() {
    return rule(0, UNBOUNDED);
  }

  /** A rule whose start has no arcs yet. */
  int rule(int need, int room) {
    rules.add(new Automaton.Rule(state(), need, room));
    return rules.size() - 1;
  }

  int start(int rule) {
    return rules.get(rule).start();
  }

  void bytes(int from, int low, int high, int target) {
    add(from, new Arc.Bytes(low, high, target));
  }

  /** A state that goes on with one byte only; asked for again, it is the same one. */
  int via(int low, int high, int target) {
    Via key = new Via(low, high, target);
    Integer known = vias.get(key);
    if (known != null) {
      return known;
    }
    int state = state();
    bytes(state, low, high, target);
    vias.put(key, state);
    return state;
  }

  /** Writes an ASCII text and returns the state behind it. */
  int text(int from, String text) {
    int at = from;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      int next = state();
      bytes(at, b & 0xFF, b & 0xFF, next);
      at = next;
    }
    return at;
  }

  /** The state behind a space that may be left out. */
  int gap(int from) {
    int behind = state();
    bytes(from, ' ', ' ', behind);
    add(from, new Arc.Jump(behind));
    return behind;
  }

  void end(int from) {
    add(from, new Arc.Return());
  }

  Automaton build(int root) {
    return new Automaton(arcs, rules, root, limits.depth());
  }
}
