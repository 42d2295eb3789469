package dev.akvavit.engine;

/**
 * Counts whenever the engine is idle, in production too: with no request left, nobody may refer to
 * a page and nothing may wait. A leak shows in the minute it happens, not on the day the pages run
 * out.
 */
final class Integrity {
  private final PagePool pool;
  private final EngineEvents events;

  Integrity(PagePool pool, EngineEvents events) {
    this.pool = pool;
    this.events = events;
  }

  /** To be called by the engine's thread when the scheduler is idle. */
  void check() {
    int referenced = 0;
    for (int page = 0; page < pool.pages(); page++) {
      referenced += pool.references(page) == 0 ? 0 : 1;
    }
    if (referenced != 0 || pool.available() != pool.pages()) {
      events.integrityFailed(
          "idle, yet "
              + referenced
              + " pages are referenced and "
              + pool.available()
              + " of "
              + pool.pages()
              + " are available");
    }
  }
}
