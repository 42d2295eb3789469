package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.List;

/** A middle in its place, as a hunk of a unified diff with three lines of context. */
final class GapDiff {
  private static final int CONTEXT = 3;

  private GapDiff() {}

  /** The hunk, line by line; empty when the middle is. */
  static List<String> of(Gap gap, String middle, String file) {
    List<String> before = lines(gap.prefix() + gap.suffix());
    List<String> after = lines(gap.prefix() + middle + gap.suffix());
    int head = 0;
    while (head < before.size()
        && head < after.size()
        && before.get(head).equals(after.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < before.size() - head
        && tail < after.size() - head
        && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
      tail++;
    }
    if (head == before.size() && head == after.size()) {
      return List.of();
    }
    int from = Math.max(0, head - CONTEXT);
    int context = Math.min(tail, CONTEXT);
    int removed = before.size() - tail - head;
    int added = after.size() - tail - head;
    List<String> out = new ArrayList<>();
    out.add("--- " + file);
    out.add("+++ " + file);
    out.add(
        "@@ -%d,%d +%d,%d @@"
            .formatted(
                from + 1,
                head - from + removed + context,
                from + 1,
                head - from + added + context));
    before.subList(from, head).forEach(line -> out.add(" " + line));
    before.subList(head, head + removed).forEach(line -> out.add("-" + line));
    after.subList(head, head + added).forEach(line -> out.add("+" + line));
    before.subList(head + removed, head + removed + context).forEach(line -> out.add(" " + line));
    return out;
  }

  private static List<String> lines(String text) {
    return text.lines().toList();
  }
}
