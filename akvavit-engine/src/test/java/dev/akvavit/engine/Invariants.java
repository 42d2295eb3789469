package dev.akvavit.engine;

import java.util.Arrays;
import java.util.Collection;

/** What holds after every step of a simulated engine, whatever happened in it. */
final class Invariants {
  private final EngineLimits limits;
  private final PagePool pool;
  private final PrefixCache cache;
  private final Scheduler scheduler;
  private final Mailbox mailbox;
  private final FaultyModel model;
  private final int[] owners; // [pages]
  private final boolean[] held; // [pages] by the prefix cache, after the step before
  private long lastStarted = -1;

  Invariants(
      EngineLimits limits,
      PagePool pool,
      PrefixCache cache,
      Scheduler scheduler,
      Mailbox mailbox,
      FaultyModel model) {
    this.limits = limits;
    this.pool = pool;
    this.cache = cache;
    this.scheduler = scheduler;
    this.mailbox = mailbox;
    this.model = model;
    owners = new int[limits.pages()];
    held = new boolean[limits.pages()];
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** {@code live}: those admitted whose sink has not heard of an end. */
  void check(Collection<Visitor> live) {
    order();
    pages();
    published();
    int waiting = 0;
    long tokens = 0;
    for (Sequence s : scheduler.waiting) {
      require(s.pageCount == 0 && s.cached == 0, "a waiting sequence owns pages");
      waiting += s.started ? 0 : 1;
      tokens += s.started ? 0 : s.promptLength;
    }
    require(
        mailbox.queuedRequests() == waiting && mailbox.queuedTokens() == tokens,
        "the door miscounts who waits");
    require(mailbox.admitted() == live.size(), "the door miscounts who is in");
    require(
        scheduler.waiting.size() + scheduler.running.size() == live.size(),
        "a sequence in no list, or in two");
    for (Visitor v : live) {
      require(v.delivered == v.sequence.generated(), "tokens emitted are not tokens committed");
      require(v.sequence.preemptions <= limits.maxPreemptions(), "preempted too often");
    }
  }

  private void order() {
    long before = -1;
    for (Sequence s : scheduler.waiting) {
      require(s.number > before, "the waiting ones are not in order of admission");
      before = s.number;
    }
    before = -1;
    long newest = lastStarted;
    for (Sequence s : scheduler.running) {
      require(s.number > before, "the running ones are not in order of admission");
      before = s.number;
      newest = Math.max(newest, s.number);
    }
    if (newest > lastStarted && !scheduler.waiting.isEmpty()) {
      require(
          newest < scheduler.waiting.peek().number,
          "a newer request started before a preempted one came back");
    }
    lastStarted = newest;
  }

  private void pages() {
    Arrays.fill(owners, 0);
    for (Sequence s : scheduler.running) {
      for (int i = 0; i < s.pageCount; i++) {
        owners[s.pages[i]]++;
        boolean writable = (i + 1) * limits.pageSize() > s.cached;
        if (writable) {
          require(pool.references(s.pages[i]) == 1, "a page that two may write to");
          require(!cache.holds(s.pages[i]), "a page that is written to and can be found");
        }
      }
    }
    int free = 0;
    for (int page = 0; page < owners.length; page++) {
      require(pool.references(page) == owners[page], "references are not owners");
      free += owners[page] == 0 ? 1 : 0;
    }
    require(pool.available() == free, "a page neither free nor owned");
  }

  /** A page that can be found since this step holds finite rows. */
  private void published() {
    for (int page = 0; page < held.length; page++) {
      if (cache.holds(page) && !held[page]) {
        for (int i = 0; i < limits.pageSize(); i++) {
          require(
              model.rows[page * limits.pageSize() + i] != HashModel.NOT_A_NUMBER,
              "a published page is not finite");
        }
      }
      held[page] = cache.holds(page);
    }
  }
}
