package dev.akvavit.cpu;

import java.util.Arrays;

/**
 * The places of the {@code k} largest of {@code n} floats, ties to the lower place.
 *
 * <p>A radix descent finds the {@code k}-th largest value: its first digit over the whole list, the
 * others over those that share it. Then one pass collects. No pass has a jump that depends on a
 * value: half of them would be guessed wrong.
 */
final class TopK {
  private static final int BITS = 11;

  private final int[] histogram = new int[1 << BITS];
  private int[] keys = {};
  private int[] shared = {}; // keys that have the digits found so far

  /**
   * Writes the places, counted from {@code at}, in ascending order to {@code out[to ..]}; {@code k
   * <= n}.
   */
  void choose(float[] v, int at, int n, int k, int[] out, int to) {
    keys = Scratch.atLeast(keys, n);
    shared = Scratch.atLeast(shared, n);
    for (int i = 0; i < n; i++) {
      keys[i] = key(v[at + i]);
    }
    int[] from = keys;
    int wanted = k; // how many of those that share the digits are still to be taken
    int left = n;
    for (int shift = 32 - BITS; shift > -BITS; shift -= BITS) {
      int digit = digit(from, left, Math.max(0, shift), wanted);
      wanted -= above(digit);
      left = share(from, left, Math.max(0, shift), digit);
      from = shared;
    }
    collect(shared[0], wanted, k, out, to);
  }

  /** The digit that the {@code wanted}-th largest key has at {@code shift}. */
  private int digit(int[] from, int n, int shift, int wanted) {
    Arrays.fill(histogram, 0);
    for (int i = 0; i < n; i++) {
      histogram[from[i] >>> shift & (1 << BITS) - 1]++;
    }
    int digit = histogram.length - 1;
    for (int seen = histogram[digit]; seen < wanted; seen += histogram[digit]) {
      digit--;
    }
    return digit;
  }

  /** How many keys of the last {@link #digit} have a larger one. */
  private int above(int digit) {
    int n = 0;
    for (int d = digit + 1; d < histogram.length; d++) {
      n += histogram[d];
    }
    return n;
  }

  /** Keeps the keys that have this digit, and says how many they are. */
  private int share(int[] from, int n, int shift, int digit) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      int key = from[i];
      shared[kept] = key;
      kept += (key >>> shift & (1 << BITS) - 1) == digit ? 1 : 0;
    }
    return kept;
  }

  /** The places of keys above {@code least}, and of the first {@code ties} that are equal to it. */
  private void collect(int least, int ties, int k, int[] out, int to) {
    for (int i = 0, j = to; j < to + k; i++) {
      int key = keys[i];
      int equal = key == least ? 1 : 0;
      out[j] = i;
      j += Integer.compareUnsigned(key, least) > 0 ? 1 : equal & (ties > 0 ? 1 : 0);
      ties -= equal;
    }
  }

  /** Bits that order as unsigned integers as their floats do; both zeros are one value. */
  private static int key(float v) {
    int bits = Float.floatToRawIntBits(v + 0f);
    return bits ^ (bits >> 31 | 0x8000_0000);
  }
}
