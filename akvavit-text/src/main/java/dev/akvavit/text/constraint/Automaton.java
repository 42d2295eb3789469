package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * A pushdown automaton over the bytes of UTF-8 that knows no dead end: every state that is left can
 * reach the end of its rule, and knows how many rules it must at least nest to do so.
 *
 * <p>States without a way to the end are cut off here, so whoever follows the automaton can always
 * finish. A rule counts characters or elements for {@link Arc.Take} and {@link Arc.Enough}.
 */
final class Automaton {
  /** Estimated heap of one state and of one arc. */
  private static final int STATE_BYTES = 48;

  private static final int ARC_BYTES = 32;

  /**
   * @param need how many it must count before {@link Arc.Enough}
   * @param room how many it may count, or {@link AutomatonBuilder#UNBOUNDED}
   */
  record Rule(int start, int need, int room) {}

  private final Arc.Bytes[][] writes; // [state]
  private final Arc[][] others; // [state]
  private final int[] heights; // [state]
  private final Rule[] rules;
  private final int root;
  private final int depth;
  private final long heapBytes;

  Automaton(List<List<Arc>> arcs, List<Rule> rules, int root, int depth) {
    this.rules = rules.toArray(Rule[]::new);
    this.root = root;
    this.depth = depth;
    heights = new Heights(arcs, this.rules).all();
    writes = new Arc.Bytes[arcs.size()][];
    others = new Arc[arcs.size()][];
    long bytes = 0;
    for (int state = 0; state < arcs.size(); state++) {
      List<Arc.Bytes> writing = new ArrayList<>();
      List<Arc> silent = new ArrayList<>();
      for (Arc arc : arcs.get(state)) {
        if (Heights.of(arc, heights, this.rules) <= depth) {
          if (arc instanceof Arc.Bytes write) {
            writing.add(write);
          } else {
            silent.add(arc);
          }
        }
      }
      writes[state] = writing.toArray(Arc.Bytes[]::new);
      others[state] = silent.toArray(Arc[]::new);
      bytes += STATE_BYTES + (long) ARC_BYTES * arcs.get(state).size();
    }
    heapBytes = bytes;
  }

  /** Whether nothing at all can be written within the depth. */
  boolean empty() {
    return heights[rules[root].start()] > depth;
  }

  Rule root() {
    return rules[root];
  }

  Rule rule(int id) {
    return rules[id];
  }

  Arc.Bytes[] writes(int state) {
    return writes[state];
  }

  Arc[] others(int state) {
    return others[state];
  }

  /** Rules that must at least be nested to get from a state to the end of its rule. */
  int height(int state) {
    return heights[state];
  }

  /** How deep rules may nest. */
  int depth() {
    return depth;
  }

  int states() {
    return writes.length;
  }

  long heapBytes() {
    return heapBytes;
  }
}
