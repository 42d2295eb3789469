package dev.akvavit.text.split;

import java.util.Arrays;
import java.util.function.IntPredicate;

/** A set of code points written as the inside of a bracket expression: {@code "A-Za-zµÀ-Ö"}. */
final class CodePointRanges implements IntPredicate {
  private final int[] firsts;
  private final int[] lasts;

  /**
   * Reads ranges in ascending order; there are no escapes, and a hyphen stands only between two ends.
   *
   * @throws IllegalArgumentException if they do not ascend
   */
  CodePointRanges(String ranges) {
    int[] codePoints = ranges.codePoints().toArray();
    int[] first = new int[codePoints.length];
    int[] last = new int[codePoints.length];
    int count = 0;
    for (int i = 0; i < codePoints.length; count++) {
      boolean range = i + 2 < codePoints.length && codePoints[i + 1] == '-';
      first[count] = codePoints[i];
      last[count] = range ? codePoints[i + 2] : codePoints[i];
      if (first[count] > last[count] || count > 0 && first[count] <= last[count - 1]) {
        throw new IllegalArgumentException("range " + count + " of " + ranges + " does not ascend");
      }
      i += range ? 3 : 1;
    }
    firsts = Arrays.copyOf(first, count);
    lasts = Arrays.copyOf(last, count);
  }

  @Override
  public boolean test(int c) {
    int found = Arrays.binarySearch(firsts, c);
    int range = found >= 0 ? found : -found - 2;
    return range >= 0 && c <= lasts[range];
  }
}
