package dev.akvavit.cpu;

import java.util.Arrays;

/**
 * The places of the {@code k} largest of {@code n} floats, ties to the lower place, in one pass
 * over the list per digit: a radix descent finds the {@code k}-th largest value, a last pass
 * collects.
 */
final class TopK {
  private final int[] histogram = new int[256];

  /**
   * Writes the places, counted from {@code at}, in ascending order to {@code out[to ..]}; {@code k
   * <= n}.
   */
  void choose(float[] v, int at, int n, int k, int[] out, int to) {
    int prefix = 0;
    int mask = 0;
    int wanted = k; // how many of those that share the prefix are still to be taken
    for (int shift = 24; shift >= 0; shift -= 8) {
      Arrays.fill(histogram, 0);
      for (int i = at; i < at + n; i++) {
        int key = key(v[i]);
        if ((key & mask) == prefix) {
          histogram[key >>> shift & 0xFF]++;
        }
      }
      int digit = 255;
      while (histogram[digit] < wanted) {
        wanted -= histogram[digit--];
      }
      prefix |= digit << shift;
      mask |= 0xFF << shift;
    }
    for (int i = 0, j = to; j < to + k; i++) {
      int key = key(v[at + i]);
      if (Integer.compareUnsigned(key, prefix) > 0 || key == prefix && wanted-- > 0) {
        out[j++] = i;
      }
    }
  }

  /** Bits that order as unsigned integers as their floats do; both zeros are one value. */
  private static int key(float v) {
    int bits = Float.floatToRawIntBits(v + 0f);
    return bits ^ (bits >> 31 | 0x8000_0000);
  }
}
