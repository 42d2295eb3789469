package dev.akvavit.text.split;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** A set of code points, written as the inside of a bracket expression: {@code A-Za-zµÀ-Ö}. */
final class CodePointRanges implements IntPredicate {
  private record Range(int first, int last) {}

  private final int[] firsts;
  private final int[] lasts;

  private CodePointRanges(List<Range> ranges) {
    int[] first = new int[ranges.size()];
    int[] last = new int[ranges.size()];
    int count = 0;
    ranges.sort(Comparator.comparingInt(Range::first));
    for (Range range : ranges) {
      if (count > 0 && range.first() <= last[count - 1]) {
        last[count - 1] = Math.max(last[count - 1], range.last());
      } else {
        first[count] = range.first();
        last[count++] = range.last();
      }
    }
    firsts = Arrays.copyOf(first, count);
    lasts = Arrays.copyOf(last, count);
  }

  /**
   * Reads characters and ranges, or gives null for anything with a meaning beyond that: a negation,
   * an escape, a nested class, an intersection, a hyphen that joins nothing.
   */
  static @Nullable CodePointRanges parse(String inside) {
    int[] c = inside.codePoints().toArray();
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < c.length; i++) {
      boolean range = i + 2 < c.length && c[i + 1] == '-';
      int last = range ? c[i + 2] : c[i];
      if (magic(c[i]) || c[i] == '-' || magic(last) || last < c[i]) {
        return null;
      }
      ranges.add(new Range(c[i], last));
      i += range ? 2 : 0;
    }
    return ranges.isEmpty() ? null : new CodePointRanges(ranges);
  }

  private static boolean magic(int c) {
    return c == '\\' || c == '[' || c == ']' || c == '^' || c == '&';
  }

  @Override
  public boolean test(int c) {
    int found = Arrays.binarySearch(firsts, c);
    int range = found >= 0 ? found : -found - 2;
    return range >= 0 && c <= lasts[range];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodePointRanges that
        && Arrays.equals(firsts, that.firsts)
        && Arrays.equals(lasts, that.lasts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(firsts) + Arrays.hashCode(lasts);
  }

  /** The inside of a bracket expression that {@link #parse} reads as this set. */
  @Override
  public String toString() {
    StringBuilder inside = new StringBuilder();
    for (int i = 0; i < firsts.length; i++) {
      inside.appendCodePoint(firsts[i]);
      if (lasts[i] > firsts[i]) {
        inside.append('-').appendCodePoint(lasts[i]);
      }
    }
    return inside.toString();
  }
}
