package dev.akvavit.engine;

/**
 * Which pages hold a sequence: found in the prefix cache when it enters, taken as it grows,
 * published once computed, given back when it leaves. Only the engine's thread calls it; nothing
 * here allocates.
 */
class PageTables {
  private final int pageSize;
  private final PrefixCache cache;
  private final boolean shareGenerated;
  private final PageKeys keys;

  /**
   * @param shareGenerated whether a generated token leaves the same row as one of a prompt;
   *     otherwise only pages made of prompt tokens are shared
   */
  PageTables(int pageSize, PrefixCache cache, boolean shareGenerated) {
    this.pageSize = pageSize;
    this.cache = cache;
    this.shareGenerated = shareGenerated;
    keys = new PageKeys(pageSize);
  }

  final int pagesFor(int tokens) {
    return Math.ceilDiv(tokens, pageSize);
  }

  /** Whether the sequence could have so many pages now. */
  final boolean canGrow(Sequence s, int count) {
    return count - s.pageCount <= cache.available();
  }

  final void grow(Sequence s, int count) {
    while (s.pageCount < count) {
      s.pages[s.pageCount++] = cache.take();
    }
  }

  /** Shares the pages that already hold the beginning of a sequence that has none yet. */
  final void reuse(Sequence s) {
    int most = reusable(s) / pageSize;
    s.extendKeys(keys, most);
    while (s.pageCount < most) {
      int page = cache.find(s.keys, (s.pageCount + 1) * PageKeys.LONGS);
      if (page < 0) {
        break;
      }
      s.pages[s.pageCount++] = page;
    }
    s.cached = s.pageCount * pageSize;
    s.published = s.pageCount;
  }

  /** Tokens a hit may cover: one is left to compute, for its logits are wanted. */
  int reusable(Sequence s) {
    return shareGenerated ? s.length - 1 : Math.min(s.promptLength, s.length - 1);
  }

  /**
   * Makes findable what is full. To be called once a step has finished with finite logits, never
   * before.
   */
  final void publish(Sequence s) {
    int full = (shareGenerated ? s.cached : Math.min(s.promptLength, s.cached)) / pageSize;
    s.extendKeys(keys, full);
    for (; s.published < full; s.published++) {
      cache.publish(s.keys, (s.published + 1) * PageKeys.LONGS, s.pages[s.published]);
    }
  }

  /** Tokens that {@link #reuse} would find of a prompt with these page names; shares nothing. */
  final int known(long[] chain, int pages) {
    return cache.known(chain, pages) * pageSize;
  }

  /** As {@link PrefixCache#blank}. */
  final boolean blank(int[] pages) {
    return cache.blank(pages);
  }

  final PageMap map(long evictionsSeen) {
    return cache.map(pageSize, evictionsSeen);
  }

  /**
   * Last page first, so that the beginning of a prefix, which more requests share, is evicted last.
   */
  void release(Sequence s) {
    while (s.pageCount > 0) {
      cache.release(s.pages[--s.pageCount]);
    }
    s.cached = 0;
    s.published = 0;
  }
}
