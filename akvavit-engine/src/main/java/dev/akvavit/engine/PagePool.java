package dev.akvavit.engine;

/**
 * Reference-counted page ids. Pages without a reference form one list in the order in which they
 * will be taken again: those with nothing worth keeping in front, those still in the prefix cache
 * behind, least recently used first. So eviction is taking from the front, and reuse is unlinking.
 * Preallocated: nothing here allocates.
 */
class PagePool {
  private final int[] references; // [pages]
  private final int[] next; // [pages + 1] the last entry is the list's head and end
  private final int[] previous; // [pages + 1]
  private final int head;
  private int available;

  PagePool(int pages) {
    references = new int[pages];
    next = new int[pages + 1];
    previous = new int[pages + 1];
    head = pages;
    next[head] = head;
    previous[head] = head;
    for (int page = 0; page < pages; page++) {
      link(page, previous[head]);
    }
  }

  /** Pages that nobody refers to, cached or not. */
  final int available() {
    return available;
  }

  final int pages() {
    return references.length;
  }

  final int references(int page) {
    return references[page];
  }

  /** The page whose content is worth least, now with one reference. */
  final int take() {
    int page = next[head];
    if (page == head) {
      throw new IllegalStateException("all " + pages() + " pages are taken");
    }
    unlink(page);
    references[page] = 1;
    return page;
  }

  /** One more reference to a page whose content somebody else computed. */
  final void share(int page) {
    if (references[page]++ == 0) {
      unlink(page);
    }
  }

  /**
   * One reference less.
   *
   * @param keep whether the page, once nobody refers to it, should be taken again as late as
   *     possible
   */
  final void release(int page, boolean keep) {
    if (references[page] <= 0) {
      throw new IllegalStateException("page " + page + " is already free");
    }
    if (--references[page] == 0) {
      link(page, keep ? previous[head] : head);
    }
  }

  private void link(int page, int after) {
    next[page] = next[after];
    previous[page] = after;
    previous[next[page]] = page;
    next[after] = page;
    available++;
  }

  private void unlink(int page) {
    next[previous[page]] = next[page];
    previous[next[page]] = previous[page];
    available--;
  }
}
