package dev.akvavit.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Full pages by the name of what they hold, over the pool that counts their references. A page
 * enters by {@link #publish}, after its rows were computed, and leaves when the pool hands it out
 * anew. Only full pages are shared and nobody writes to a full page, so there is no copy on write.
 * An open-addressed table of page ids: nothing allocates.
 */
class PrefixCache {
  private static final int EMPTY = -1;

  private final PagePool pool;
  private final long[] keys; // [pages * PageKeys.LONGS]
  private final boolean[] cached; // [pages]
  private final long[] evictedAt; // [pages] the number of its last eviction, 0 for none
  private final int[] table; // page ids, linear probing
  private int size;
  private long evictions;

  PrefixCache(PagePool pool) {
    this.pool = pool;
    keys = new long[pool.pages() * PageKeys.LONGS];
    cached = new boolean[pool.pages()];
    evictedAt = new long[pool.pages()];
    table = new int[Integer.highestOneBit(Math.max(2, pool.pages())) * 4];
    Arrays.fill(table, EMPTY);
  }

  /** Pages that can be found. */
  int size() {
    return size;
  }

  boolean holds(int page) {
    return cached[page];
  }

  /** Pages that {@link #take} can give. */
  int available() {
    return pool.available();
  }

  /**
   * Names as many pages as there is room for that hold nothing and that nobody refers to, and takes
   * none of them; false when there are fewer.
   */
  boolean blank(int[] pages) {
    int found = 0;
    for (int page = 0; page < pool.pages() && found < pages.length; page++) {
      if (pool.references(page) == 0 && !cached[page]) {
        pages[found++] = page;
      }
    }
    return found == pages.length;
  }

  /** A page to write to; what it held is forgotten. */
  int take() {
    int page = pool.take();
    if (cached[page]) {
      forget(page);
      evictedAt[page] = ++evictions;
    }
    return page;
  }

  /** Finds the page with key {@code chain[at ..]} and shares it, or returns -1. */
  int find(long[] chain, int at) {
    int slot = slot(chain, at);
    int page = table[slot];
    if (page != EMPTY) {
      pool.share(page);
    }
    return page;
  }

  /** Pages of a chain that {@link #find} would share, from its first one on; shares none. */
  int known(long[] chain, int pages) {
    int known = 0;
    while (known < pages && table[slot(chain, (known + 1) * PageKeys.LONGS)] != EMPTY) {
      known++;
    }
    return known;
  }

  /** All pages as they are now, and which of them were evicted after the first {@code since}. */
  PageMap map(int pageSize, long since) {
    List<PageState> states = new ArrayList<>(pool.pages());
    List<Integer> evicted = new ArrayList<>();
    for (int page = 0; page < pool.pages(); page++) {
      states.add(
          switch (pool.references(page)) {
            case 0 -> cached[page] ? PageState.KEPT : PageState.FREE;
            case 1 -> PageState.USED;
            default -> PageState.SHARED;
          });
      if (evictedAt[page] > since) {
        evicted.add(page);
      }
    }
    return new PageMap(pageSize, states, evictions, evicted);
  }

  /** Makes a page findable; without effect when another page holds the same. */
  void publish(long[] chain, int at, int page) {
    int slot = slot(chain, at);
    if (table[slot] == EMPTY && !cached[page]) {
      System.arraycopy(chain, at, keys, page * PageKeys.LONGS, PageKeys.LONGS);
      table[slot] = page;
      cached[page] = true;
      size++;
    }
  }

  void release(int page) {
    pool.release(page, cached[page]);
  }

  /** Removes a page, then moves up those that probed past it, so that no search ends early. */
  void forget(int page) {
    cached[page] = false;
    size--;
    int mask = table.length - 1;
    int hole = slot(keys, page * PageKeys.LONGS);
    for (int i = (hole + 1) & mask; table[i] != EMPTY; i = (i + 1) & mask) {
      int home = (int) keys[table[i] * PageKeys.LONGS] & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        table[hole] = table[i];
        hole = i;
      }
    }
    table[hole] = EMPTY;
  }

  /** Where a key is, or would be. */
  private int slot(long[] chain, int at) {
    int mask = table.length - 1;
    int slot = (int) chain[at] & mask;
    while (table[slot] != EMPTY && !same(table[slot], chain, at)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean same(int page, long[] chain, int at) {
    int own = page * PageKeys.LONGS;
    return keys[own] == chain[at]
        && keys[own + 1] == chain[at + 1]
        && keys[own + 2] == chain[at + 2]
        && keys[own + 3] == chain[at + 3];
  }
}
