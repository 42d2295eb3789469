package dev.akvavit.text.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A pattern as a nondeterministic automaton over characters. Source: Thompson, "Regular Expression
 * Search Algorithm" (1968).
 */
final class CharacterNet {
  private record Step(CodePoints set, int target) {}

  private record Place(int node, int count) {}

  private record Open(Place place, int state) {}

  private final AutomatonBuilder builder;
  private final List<List<Step>> steps = new ArrayList<>();
  private final List<List<Integer>> jumps = new ArrayList<>();
  private final int start;
  private final int end;

  CharacterNet(AutomatonBuilder builder, List<Pattern.Anchored> alternatives) {
    this.builder = builder;
    start = node();
    end = node();
    for (Pattern.Anchored alternative : alternatives) {
      int from = node();
      jump(start, from);
      if (!alternative.fromStart()) {
        steps.get(from).add(new Step(CodePoints.ALL, from));
      }
      int to = add(alternative.body(), from);
      int last = node();
      jump(to, last);
      if (!alternative.toEnd()) {
        steps.get(last).add(new Step(CodePoints.ALL, last));
      }
      jump(last, end);
    }
  }

  private int node() {
    if (steps.size() >= builder.limits().states()) {
      throw new SchemaException(
          builder.path(),
          "pattern",
          "needs more than " + builder.limits().states() + " states; simplify it");
    }
    builder.spend(1);
    steps.add(new ArrayList<>(1));
    jumps.add(new ArrayList<>(1));
    return steps.size() - 1;
  }

  private void jump(int from, int to) {
    jumps.get(from).add(to);
  }

  /** Adds a pattern behind a node and returns the node behind it; nested as deep as its groups. */
  private int add(Pattern pattern, int from) {
    return switch (pattern) {
      case Pattern.One one -> {
        int to = node();
        steps.get(from).add(new Step(one.set(), to));
        yield to;
      }
      case Pattern.Sequence sequence -> {
        int at = from;
        for (Pattern part : sequence.parts()) {
          at = add(part, at);
        }
        yield at;
      }
      case Pattern.Choice choice -> {
        int to = node();
        for (Pattern option : choice.options()) {
          int first = node();
          jump(from, first);
          jump(add(option, first), to);
        }
        yield to;
      }
      case Pattern.Repeat repeat -> repeat(repeat, from);
      case Pattern.Anchored anchored -> add(anchored.body(), from);
    };
  }

  private int repeat(Pattern.Repeat repeat, int from) {
    int at = node();
    jump(from, at);
    for (int i = 0; i < repeat.least(); i++) {
      at = add(repeat.body(), at);
    }
    int to = node();
    if (repeat.most() == AutomatonBuilder.UNBOUNDED) {
      int again = node();
      jump(at, again);
      jump(add(repeat.body(), again), again);
      jump(again, to);
      return to;
    }
    for (int i = repeat.least(); i < repeat.most(); i++) {
      jump(at, to);
      int next = node();
      jump(at, next);
      at = add(repeat.body(), next);
    }
    jump(at, to);
    return to;
  }

  /**
   * Writes the net out, {@code least} to {@code most} characters in all, and returns the state
   * behind it. With bounds, a state stands for a node and a count.
   */
  int write(int from, int least, int most) {
    boolean counted = least > 0 || most != AutomatonBuilder.UNBOUNDED;
    int last = most == AutomatonBuilder.UNBOUNDED ? least : most;
    Characters characters = new Characters(builder);
    Map<Place, Integer> states = new HashMap<>();
    Deque<Open> open = new ArrayDeque<>();
    int behind = builder.state();
    states.put(new Place(start, 0), from);
    open.add(new Open(new Place(start, 0), from));
    while (!open.isEmpty()) {
      Place place = open.getFirst().place;
      int state = open.removeFirst().state;
      if (place.node == end && place.count >= least) {
        builder.add(state, new Arc.Jump(behind));
      }
      for (int target : jumps.get(place.node)) {
        builder.add(state, new Arc.Jump(reach(new Place(target, place.count), states, open)));
      }
      boolean room = most == AutomatonBuilder.UNBOUNDED || place.count < most;
      int count = counted ? Math.min(last, place.count + 1) : 0;
      for (Step step : steps.get(place.node)) {
        if (room) {
          characters.one(state, step.set, reach(new Place(step.target, count), states, open));
        }
      }
    }
    return behind;
  }

  private int reach(Place place, Map<Place, Integer> states, Deque<Open> open) {
    Integer known = states.get(place);
    if (known != null) {
      return known;
    }
    int state = builder.state();
    states.put(place, state);
    open.add(new Open(place, state));
    return state;
  }
}
