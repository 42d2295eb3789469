package dev.akvavit.text;

/** A map from {@code long} to non-negative {@code int} by open addressing; grows, never shrinks. */
final class LongIntMap {
  static final int ABSENT = -1;

  private long[] keys;
  private int[] values; // value + 1; 0 marks a free place
  private int size;

  LongIntMap(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, expected)) * 4;
    keys = new long[capacity];
    values = new int[capacity];
  }

  int get(long key) {
    return values[place(key)] - 1;
  }

  /** Stores a value and returns the one it replaces, or {@link #ABSENT}. */
  int put(long key, int value) {
    int place = place(key);
    int before = values[place] - 1;
    keys[place] = key;
    values[place] = value + 1;
    if (before == ABSENT && ++size * 2 > keys.length) {
      grow();
    }
    return before;
  }

  private int place(long key) {
    int mask = keys.length - 1;
    int place = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (values[place] != 0 && keys[place] != key) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != 0) {
        int place = place(oldKeys[i]);
        keys[place] = oldKeys[i];
        values[place] = oldValues[i];
      }
    }
  }
}
