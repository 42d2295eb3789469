package dev.akvavit.engine;

import dev.akvavit.core.Model;
import java.util.function.LongSupplier;

/**
 * What a simulated engine is put together from: the real parts. A planted bug replaces one of them.
 */
class Parts {
  PrefixCache cache(PagePool pool) {
    return new PrefixCache(pool);
  }

  PageTables tables(int pageSize, PrefixCache cache, boolean shareGenerated) {
    return new PageTables(pageSize, cache, shareGenerated);
  }

  Scheduler scheduler(
      EngineLimits limits,
      PageTables tables,
      Mailbox mailbox,
      EngineEvents events,
      LongSupplier clock) {
    return new Scheduler(limits, tables, mailbox, events, clock);
  }

  Model model(FaultyModel model, Scheduler scheduler) {
    return model;
  }

  Sampler sampler(Model model) {
    return new Sampler(model);
  }

  /** The scope under which a request's pages are named. */
  String salt(CacheScope scope) {
    return scope.salt();
  }
}
