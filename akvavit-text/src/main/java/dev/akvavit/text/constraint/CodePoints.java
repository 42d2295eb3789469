package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A set of Unicode scalar values as ascending ranges that do not touch. */
record CodePoints(List<Range> ranges) {
  /** Both ends belong to it. */
  record Range(int low, int high) {}

  static final CodePoints NONE = new CodePoints(List.of());

  /** Surrogates are no characters: UTF-8 cannot write them. */
  static final CodePoints ALL =
      new CodePoints(List.of(new Range(0, 0xD7FF), new Range(0xE000, Character.MAX_CODE_POINT)));

  static CodePoints of(int low, int high) {
    return new CodePoints(List.of(new Range(low, high))).and(ALL);
  }

  static CodePoints of(int codePoint) {
    return of(codePoint, codePoint);
  }

  /** Each character of a text. */
  static CodePoints anyOf(String text) {
    List<Range> ranges = new ArrayList<>();
    text.codePoints().forEach(c -> ranges.add(new Range(c, c)));
    return joined(ranges);
  }

  CodePoints or(CodePoints other) {
    List<Range> all = new ArrayList<>(ranges);
    all.addAll(other.ranges);
    return joined(all);
  }

  CodePoints and(CodePoints other) {
    List<Range> both = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < ranges.size() && j < other.ranges.size()) {
      Range a = ranges.get(i);
      Range b = other.ranges.get(j);
      int low = Math.max(a.low, b.low);
      int high = Math.min(a.high, b.high);
      if (low <= high) {
        both.add(new Range(low, high));
      }
      if (a.high < b.high) {
        i++;
      } else {
        j++;
      }
    }
    return new CodePoints(List.copyOf(both));
  }

  CodePoints without(CodePoints other) {
    List<Range> rest = new ArrayList<>();
    int from = 0;
    for (Range range : other.ranges) {
      if (from < range.low) {
        rest.add(new Range(from, range.low - 1));
      }
      from = range.high + 1;
    }
    if (from <= Character.MAX_CODE_POINT) {
      rest.add(new Range(from, Character.MAX_CODE_POINT));
    }
    return and(new CodePoints(rest));
  }

  boolean contains(int codePoint) {
    for (Range range : ranges) {
      if (codePoint >= range.low && codePoint <= range.high) {
        return true;
      }
    }
    return false;
  }

  /** All sets as one, sorted once. */
  static CodePoints union(List<CodePoints> sets) {
    List<Range> all = new ArrayList<>();
    sets.forEach(set -> all.addAll(set.ranges));
    return joined(all);
  }

  private static CodePoints joined(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::low));
    List<Range> joined = new ArrayList<>();
    for (Range range : sorted) {
      if (!joined.isEmpty() && range.low <= joined.getLast().high + 1) {
        Range last = joined.removeLast();
        joined.add(new Range(last.low, Math.max(last.high, range.high)));
      } else {
        joined.add(range);
      }
    }
    return new CodePoints(List.copyOf(joined));
  }
}
