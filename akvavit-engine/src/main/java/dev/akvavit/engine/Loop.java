package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import java.util.function.LongSupplier;

/**
 * One step of the engine: mailbox, scheduler, batch, model, sampler, sinks. Everything it holds
 * belongs to the thread that calls {@link #step}, except the mailbox.
 */
final class Loop {
  private final Mailbox mailbox;
  private final Scheduler scheduler;
  private final Model model;
  private final Sampler sampler;
  private final EngineEvents events;
  private final LongSupplier clock;
  private final Batch batch;

  Loop(
      EngineLimits limits,
      Mailbox mailbox,
      Scheduler scheduler,
      Model model,
      Sampler sampler,
      EngineEvents events,
      LongSupplier clock) {
    this.mailbox = mailbox;
    this.scheduler = scheduler;
    this.model = model;
    this.sampler = sampler;
    this.events = events;
    this.clock = clock;
    batch =
        new Batch(
            limits.maxTokensPerStep(),
            limits.maxSequences(),
            limits.pagesPerSequence(),
            limits.pageSize());
  }

  /** Computes one batch; false when there was nothing to do. */
  boolean step() {
    mailbox.drainTo(scheduler);
    mailbox.answer();
    scheduler.schedule(batch);
    if (batch.tokens() == 0) {
      return false;
    }
    events.stepBegins();
    if (forward()) {
      for (int i = 0; i < batch.sequences(); i++) {
        Sequence s = scheduler.computed(i);
        if (batch.lastLogit[i] >= 0) {
          deliver(s, batch.lastLogit[i]);
        }
      }
    }
    events.stepEnds(batch.sequences(), batch.tokens(), batch.generated());
    return true;
  }

  /**
   * Errors are caught too: a weight file that shrinks under its mapping shows as an InternalError.
   */
  private boolean forward() {
    try {
      model.forward(batch);
      return true;
    } catch (RuntimeException | Error e) {
      scheduler.failed(e);
      return false;
    }
  }

  /**
   * Draws a sequence's next token and hands it over. Whatever fails here concerns this sequence
   * alone.
   */
  private void deliver(Sequence s, int row) {
    try {
      int token = sampler.sample(s, row);
      scheduler.tables.publish(s);
      s.constraint.accept(token);
      s.append(token, clock.getAsLong());
      events.delivered();
      boolean more = s.sink.token(token, sampler.logProbs());
      scheduler.delivered(s, token, more);
    } catch (RuntimeException | Error e) {
      scheduler.end(s, FinishReason.FAILED, e.toString());
    }
  }
}
