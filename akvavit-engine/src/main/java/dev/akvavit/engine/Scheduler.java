package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Batch.Logits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Decides each step's batch: running sequences first, oldest first, then waiting ones, in chunks,
 * while tokens and pages last. When pages run out the youngest gives its own back and is computed
 * again later, before anything newer; after {@link EngineLimits#maxPreemptions()} times it comes
 * back only when all pages it may ever need are free, and keeps them.
 *
 * <p>So somebody always gets on: those that hold everything need nothing more, and the oldest of
 * the others may take what every other has.
 */
class Scheduler {
  final ArrayDeque<Sequence> waiting; // by age
  final List<Sequence> running; // by age
  final List<Sequence> inStep; // in the batch's order
  final PageTables tables;
  private final List<Sequence> suspects; // of a failed step, each to be repeated alone
  private final EngineLimits limits;
  private final Mailbox mailbox;
  private final EngineEvents events;
  private final LongSupplier clock;
  private final Predicate<Sequence> endedByOwner = this::endIfAsked;
  private boolean alone; // this step repeats one suspect
  private int generatedInStep;
  private long now;
  private long admissions;

  Scheduler(
      EngineLimits limits,
      PageTables tables,
      Mailbox mailbox,
      EngineEvents events,
      LongSupplier clock) {
    this.limits = limits;
    this.tables = tables;
    this.mailbox = mailbox;
    this.events = events;
    this.clock = clock;
    waiting = new ArrayDeque<>(limits.maxQueuedRequests() + limits.maxSequences());
    running = new ArrayList<>(limits.maxSequences());
    inStep = new ArrayList<>(limits.maxSequences());
    suspects = new ArrayList<>(limits.maxSequences());
  }

  final boolean idle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  final void add(Sequence s) {
    s.number = admissions++;
    waiting.add(s);
  }

  /** Fills the batch; it stays empty only when there is nothing to do. */
  final void schedule(Batch batch) {
    now = clock.getAsLong();
    batch.clear();
    inStep.clear();
    generatedInStep = 0;
    dropEnded();
    alone = !suspects.isEmpty();
    if (alone) {
      inStep.add(suspects.removeFirst()); // its chunk and pages are those of the step that failed
    } else {
      admit(advance(limits.maxTokensPerStep()));
    }
    for (int i = 0; i < inStep.size(); i++) {
      Sequence s = inStep.get(i);
      Logits wanted = s.cached + s.chunk == s.length ? Logits.LAST : Logits.NONE;
      batch.add(s.tokens, s.cached, s.chunk, s.cached, s.pages, s.cached < s.promptLength, wanted);
    }
  }

  /** Gives each running sequence its next chunk; what is left of the budget. */
  private int advance(int budget) {
    int left = budget;
    int i = 0;
    while (i < running.size() && left > 0) {
      Sequence s = running.get(i);
      int count = chunk(s, left);
      if (makeRoom(s, count, i)) {
        left -= join(s, count);
        i++;
      } // otherwise it was preempted itself, and the next one moved to its place
    }
    return left;
  }

  private void admit(int budget) {
    int left = budget;
    while (left > 0 && running.size() < limits.maxSequences() && !waiting.isEmpty()) {
      Sequence s = waiting.peek();
      tables.reuse(s);
      int all = holds(s) ? s.pages.length : tables.pagesFor(s.length);
      if (!tables.canGrow(s, all)) {
        tables.release(s);
        return;
      }
      waiting.poll();
      enter(s);
      int count = chunk(s, left);
      tables.grow(s, holds(s) ? all : tables.pagesFor(s.cached + count));
      left -= join(s, count);
    }
  }

  /**
   * The next tokens of a sequence: of its prompt or of its answer, never both, for a model may
   * compute them apart.
   */
  int chunk(Sequence s, int budget) {
    int end = s.cached < s.promptLength ? s.promptLength : s.length;
    return Math.min(budget, end - s.cached);
  }

  /** Generated chunks stand before prompt chunks, each by age. */
  private int join(Sequence s, int count) {
    s.chunk = count;
    inStep.add(s.cached < s.promptLength ? inStep.size() : generatedInStep++, s);
    return count;
  }

  private void enter(Sequence s) {
    int at = running.size();
    while (at > 0 && running.get(at - 1).number > s.number) {
      at--;
    }
    running.add(at, s);
    if (!s.started) {
      s.started = true;
      s.startedAt = now;
      s.reused = Math.min(s.cached, s.promptLength);
      events.started(s);
      mailbox.left(s);
    }
  }

  /** Takes pages from the youngest, if need be from {@code s} itself; whether it has room now. */
  private boolean makeRoom(Sequence s, int count, int index) {
    int needed = tables.pagesFor(s.cached + count);
    while (!tables.canGrow(s, needed)) {
      int victim = running.size() - 1;
      while (victim > index && holds(running.get(victim))) {
        victim--;
      }
      preempt(running.remove(victim));
      if (victim == index) {
        return false;
      }
    }
    tables.grow(s, needed);
    return true;
  }

  /** The sequence at {@code index} of the batch, whose chunk is in the cache now. */
  final Sequence computed(int index) {
    Sequence s = inStep.get(index);
    s.cached += s.chunk;
    return s;
  }

  /** Ends a sequence whose last token it was; {@code more} is what the sink said to it. */
  final void delivered(Sequence s, int token, boolean more) {
    if (!more || s.stopsAt(token)) {
      end(s, FinishReason.STOP, "");
    } else if (s.length == s.tokens.length) {
      end(s, FinishReason.LENGTH, "");
    }
  }

  /**
   * The model failed on this step. Nothing of it was committed, so each of its sequences repeats
   * the same chunk alone; the one that fails alone is ended.
   */
  final void failed(Throwable cause) {
    events.stepFailed();
    if (alone) {
      end(inStep.getFirst(), FinishReason.FAILED, cause.toString());
    } else {
      suspects.addAll(inStep);
    }
  }

  /** Gives back all its pages, to be computed again before anything newer. */
  void preempt(Sequence s) {
    s.preemptions++;
    events.preempted(s);
    tables.release(s);
    waiting.addFirst(s);
  }

  private boolean holds(Sequence s) {
    return s.preemptions == limits.maxPreemptions();
  }

  /** Ends those whose owner asked for it, wherever they are. */
  void dropEnded() {
    waiting.removeIf(endedByOwner);
    running.removeIf(endedByOwner);
  }

  private boolean endIfAsked(Sequence s) {
    if (!s.ended()) {
      return false;
    }
    finish(s, s.ending(), "");
    return true;
  }

  final void end(Sequence s, FinishReason reason, String detail) {
    running.remove(s);
    finish(s, reason, detail);
  }

  /** Ends everything that is left. */
  final void endAll(FinishReason reason, String detail) {
    while (!running.isEmpty()) {
      finish(running.removeLast(), reason, detail);
    }
    while (!waiting.isEmpty()) {
      finish(waiting.removeFirst(), reason, detail);
    }
  }

  private void finish(Sequence s, FinishReason reason, String detail) {
    suspects.remove(s); // here, so that a cancel from another thread cannot fall between two lists
    tables.release(s);
    if (!s.started) {
      mailbox.left(s);
    }
    GenerationStats stats = s.stats(clock.getAsLong());
    events.ended(s, reason, stats);
    try {
      s.sink.finished(reason, detail, stats);
    } catch (RuntimeException | Error e) {
      events.sinkFailed();
    }
    mailbox.ended();
  }
}
