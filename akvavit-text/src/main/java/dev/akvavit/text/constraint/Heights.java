package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The least nesting that leads from each state to the end of its rule; {@link #NEVER} where nothing
 * does.
 *
 * <p>The best way's worst call is a superior function of its parts, so states are final in
 * ascending order of height. Source: Knuth, "A Generalization of Dijkstra's Algorithm" (1977).
 */
final class Heights {
  static final int NEVER = Integer.MAX_VALUE;

  private record Candidate(int height, int state) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      return Integer.compare(height, other.height);
    }
  }

  private final int[] heights;

  Heights(List<List<Arc>> arcs, Automaton.Rule[] rules) {
    heights = new int[arcs.size()];
    Arrays.fill(heights, NEVER);
    int[] offered = heights.clone();
    List<List<Integer>> users = users(arcs, rules);
    PriorityQueue<Candidate> queue = new PriorityQueue<>();
    for (int state = 0; state < arcs.size(); state++) {
      if (arcs.get(state).contains(new Arc.Return())) {
        offered[state] = 0;
        queue.add(new Candidate(0, state));
      }
    }
    while (!queue.isEmpty()) {
      Candidate best = queue.remove();
      if (heights[best.state()] != NEVER) {
        continue;
      }
      heights[best.state()] = best.height();
      for (int user : users.get(best.state())) {
        if (offered[user] <= best.height()) {
          continue; // it cannot get better
        }
        int height = NEVER;
        for (Arc arc : arcs.get(user)) {
          height = Math.min(height, of(arc, heights, rules));
        }
        if (height < offered[user]) {
          offered[user] = height;
          queue.add(new Candidate(height, user));
        }
      }
    }
  }

  int[] all() {
    return heights;
  }

  /** The height of what an arc leads to. */
  static int of(Arc arc, int[] heights, Automaton.Rule[] rules) {
    return switch (arc) {
      case Arc.Bytes write -> heights[write.target()];
      case Arc.Jump jump -> heights[jump.target()];
      case Arc.Take take -> heights[take.target()];
      case Arc.Enough enough -> heights[enough.target()];
      case Arc.Become become -> heights[rules[become.rule()].start()];
      case Arc.Call call -> {
        int inner = heights[rules[call.rule()].start()];
        yield inner == NEVER ? NEVER : Math.max(inner + 1, heights[call.target()]);
      }
      case Arc.Return _ -> 0;
    };
  }

  /** The states whose arcs lead to each state. */
  private static List<List<Integer>> users(List<List<Arc>> arcs, Automaton.Rule[] rules) {
    List<List<Integer>> users = new ArrayList<>(arcs.size());
    for (int state = 0; state < arcs.size(); state++) {
      users.add(new ArrayList<>(2));
    }
    for (int state = 0; state < arcs.size(); state++) {
      for (Arc arc : arcs.get(state)) {
        switch (arc) {
          case Arc.Bytes write -> users.get(write.target()).add(state);
          case Arc.Jump jump -> users.get(jump.target()).add(state);
          case Arc.Take take -> users.get(take.target()).add(state);
          case Arc.Enough enough -> users.get(enough.target()).add(state);
          case Arc.Become become -> users.get(rules[become.rule()].start()).add(state);
          case Arc.Call call -> {
            users.get(rules[call.rule()].start()).add(state);
            users.get(call.target()).add(state);
          }
          case Arc.Return _ -> {}
        }
      }
    }
    return users;
  }
}
