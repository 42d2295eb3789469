package dev.akvavit.text;

import java.util.Arrays;

/**
 * Byte pair encoding of one word: a heap of neighbours by rank, then by place; n log n for a word
 * of n symbols.
 *
 * <p>One heap entry is {@code rank << 32 | place}. Entries are never removed; one is stale when the
 * neighbours at its place no longer have its rank. Holds scratch memory for one thread.
 */
final class Merger {
  private static final int DEAD = -1;

  private final MergeTable table;
  private int[] symbols = new int[64];
  private int[] next = new int[64];
  private int[] previous = new int[64];
  private int count;
  private long[] heap = new long[192];
  private int heapSize;
  private long steps;

  Merger(MergeTable table) {
    this.table = table;
  }

  /** Adds a symbol to the word. */
  void add(int symbol) {
    if (count == symbols.length) {
      symbols = Arrays.copyOf(symbols, 2 * count);
      next = Arrays.copyOf(next, 2 * count);
      previous = Arrays.copyOf(previous, 2 * count);
    }
    symbols[count++] = symbol;
  }

  /** Merges the word, appends its tokens to {@code ids} and forgets it. */
  void finish(IntList ids) {
    for (int i = 0; i < count; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
    }
    for (int i = 0; i + 1 < count; i++) {
      offer(i, i + 1);
    }
    while (heapSize > 0) {
      long top = poll();
      merge((int) top, (int) (top >>> 32));
    }
    for (int i = 0; i < count; i = next[i]) {
      ids.add(symbols[i]);
    }
    count = 0;
  }

  /** Heap moves made so far: what a test holds against n log n. */
  long steps() {
    return steps;
  }

  private void merge(int place, int rank) {
    int right = next[place];
    if (symbols[place] == DEAD
        || right >= count
        || table.rank(symbols[place], symbols[right]) != rank) {
      return;
    }
    symbols[place] = table.merged(rank);
    symbols[right] = DEAD;
    next[place] = next[right];
    if (next[place] < count) {
      previous[next[place]] = place;
      offer(place, next[place]);
    }
    if (previous[place] >= 0) {
      offer(previous[place], place);
    }
  }

  private void offer(int place, int right) {
    int rank = table.rank(symbols[place], symbols[right]);
    if (rank == LongIntMap.ABSENT) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, 2 * heapSize);
    }
    long entry = (long) rank << 32 | place;
    int at = heapSize++;
    while (at > 0 && heap[at - 1 >> 1] > entry) {
      heap[at] = heap[at - 1 >> 1];
      at = at - 1 >> 1;
      steps++;
    }
    heap[at] = entry;
    steps++;
  }

  private long poll() {
    long top = heap[0];
    long entry = heap[--heapSize];
    int at = 0;
    for (int child = 1; child < heapSize; child = 2 * at + 1) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (entry <= heap[child]) {
        break;
      }
      heap[at] = heap[child];
      at = child;
      steps++;
    }
    heap[at] = entry;
    return top;
  }
}
