/** A prompt that is long enough for sparse attention to have to choose. */
export const SAMPLE = `package example;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph of tasks: each names those that must be done before it. */
public final class TaskGraph {
  private final Map<String, List<String>> before = new HashMap<>();

  /** Adds a task. */
  public void add(String task, List<String> needed) {
    if (before.containsKey(task)) {
      throw new IllegalArgumentException("task " + task + " is there already");
    }
    before.put(task, List.copyOf(needed));
  }

  /** Number of tasks. */
  public int size() {
    return before.size();
  }

  /** The tasks in an order in which they can be done. */
  public List<String> order() {
    Map<String, Integer> open = new HashMap<>();
    Map<String, List<String>> after = new HashMap<>();
    for (Map.Entry<String, List<String>> entry : before.entrySet()) {
      open.put(entry.getKey(), entry.getValue().size());
      for (String needed : entry.getValue()) {
        after.computeIfAbsent(needed, name -> new java.util.ArrayList<>()).add(entry.getKey());
      }
    }
    Deque<String> ready = new ArrayDeque<>();
    for (Map.Entry<String, Integer> entry : open.entrySet()) {
      if (entry.getValue() == 0) {
        ready.add(entry.getKey());
      }
    }
    List<String> done = new java.util.ArrayList<>();
    while (!ready.isEmpty()) {
      String task = ready.remove();
      done.add(task);
      for (String next : after.getOrDefault(task, List.of())) {
        int left = open.merge(next, -1, Integer::sum);
        if (left == 0) {
          ready.add(next);
        }
      }
    }
    if (done.size() < before.size()) {
      throw new IllegalStateException("the tasks wait for each other");
    }
    return done;
  }

  /** Whether a task must be done before another. */
  public boolean precedes(String first, String second) {
`;
