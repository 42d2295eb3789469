package dev.akvavit.engine;

import dev.akvavit.core.Model;

/** The loop without its thread, one step at a time, under a clock that moves by hand. */
final class Rig {
  final Mailbox mailbox;
  final EngineEvents events = new EngineEvents();
  final Scheduler scheduler;
  final PagePool pool;
  final Loop loop;
  final EngineLimits limits;
  long now;
  private final PageKeys keys;

  Rig(EngineLimits limits, Model model) {
    this.limits = limits;
    mailbox = new Mailbox(limits);
    pool = new PagePool(limits.pages());
    keys = new PageKeys(limits.pageSize());
    PageTables tables =
        new PageTables(limits.pageSize(), new PrefixCache(pool), model.generatedRowsMatchPrompt());
    scheduler = new Scheduler(limits, tables, mailbox, events, () -> now);
    loop = new Loop(limits, mailbox, scheduler, model, new Sampler(model), events, () -> now);
  }

  Sequence submit(Request request, TokenSink sink) {
    Sequence s = new Sequence(request, sink, limits, keys, "rig", mailbox::ring);
    s.submittedAt = now;
    mailbox.submit(s);
    return s;
  }

  /** Steps until nothing is left to do. */
  void finish() {
    for (int i = 0; loop.step(); i++) {
      if (i == 100_000) {
        throw new AssertionError("no end in sight");
      }
    }
  }
}
