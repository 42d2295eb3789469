package dev.akvavit.engine;

import static dev.akvavit.engine.Invariants.require;

import dev.akvavit.core.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The real engine loop under a virtual clock, in small worlds drawn from seeds: random limits,
 * tight pages, shared prefixes, three tenants, cancels and faults at random moments. After every
 * step the invariants are checked; every request compares what it gets with what it gets alone. A
 * seed and a commit reproduce a failure.
 */
final class Simulation {
  private static final int VISITORS = 60; // of one world
  private static final FinishReason[] REASONS = {
    FinishReason.CANCELLED, FinishReason.DEADLINE, FinishReason.SLOW_CONSUMER
  };
  private final Parts parts;
  private final Visitor.Alone alone = new Visitor.Alone();
  long steps;
  long requests;
  long refused;
  long impossible;
  long cancels;
  long preemptions;
  long held; // requests preempted as often as allowed
  long hits;
  long failures;
  long spoils;
  final long[] ended = new long[FinishReason.values().length];

  Simulation(Parts parts) {
    this.parts = parts;
  }

  /** Runs worlds until there were so many steps. */
  void run(long firstSeed, long wanted) {
    for (long seed = firstSeed; steps < wanted; seed++) {
      try {
        new World(new SplittableRandom(seed)).run();
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed "
                + seed
                + ": "
                + e.getMessage()
                + "; replay: -Dsim.seed="
                + seed
                + " -Dsim.steps=1",
            e);
      }
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%,d steps, %,d requests, %,d refused, %,d impossible, %,d cancels, %,d preemptions "
            .formatted(steps, requests, refused, impossible, cancels, preemptions));
    text.append(
        "(%,d requests as often as allowed), %,d requests with a prefix hit, "
            .formatted(held, hits));
    text.append("%,d failed steps, %,d spoilt rows; ended".formatted(failures, spoils));
    for (FinishReason reason : FinishReason.values()) {
      text.append(" %s %,d".formatted(reason, ended[reason.ordinal()]));
    }
    return text.toString();
  }

  private final class World {
    private final SplittableRandom random;
    private final EngineLimits limits;
    private final Mailbox mailbox;
    private final PagePool pool;
    private final EngineEvents events = new EngineEvents();
    private final FaultyModel model;
    private final Scheduler scheduler;
    private final Loop loop;
    private final Invariants invariants;
    private final PageKeys keys;
    private final int[][] prefixes;
    private final List<Visitor> live = new ArrayList<>();
    private final int answer; // longest
    private final int arrival;
    private final int patience;
    private int arrived;
    private long now;

    World(SplittableRandom random) {
      this.random = random;
      boolean crowded =
          random.nextInt(8) == 0; // many long answers on few pages: preempted again and again
      int pageSize = crowded ? 1 : 1 << random.nextInt(4);
      int pages =
          Math.ceilDiv(crowded ? 47 : 30, pageSize)
              + random.nextInt(crowded ? 8 : Math.ceilDiv(40, pageSize));
      int sequences = crowded ? 12 + random.nextInt(20) : 1 + random.nextInt(8);
      answer = crowded ? 36 : 12;
      limits =
          new EngineLimits(
              pageSize,
              pages,
              48,
              1 + random.nextInt(40),
              sequences,
              (crowded ? 12 : 1) + random.nextInt(12),
              20 + random.nextInt(300),
              1 + random.nextInt(8));
      mailbox = new Mailbox(limits);
      pool = new PagePool(pages);
      PrefixCache cache = parts.cache(pool);
      model = new FaultyModel(limits, random.nextBoolean(), random.split());
      PageTables tables = parts.tables(limits.pageSize(), cache, model.generatedRowsMatchPrompt());
      scheduler = parts.scheduler(limits, tables, mailbox, events, () -> now);
      model.scheduler = scheduler;
      Model seen = parts.model(model, scheduler);
      loop = new Loop(limits, mailbox, scheduler, seen, parts.sampler(seen), events, () -> now);
      invariants = new Invariants(limits, pool, cache, scheduler, mailbox, model);
      keys = new PageKeys(pageSize);
      prefixes = new int[3][];
      for (int i = 0; i < prefixes.length; i++) {
        prefixes[i] = random.ints(random.nextInt(24), 0, FaultyModel.POISON).toArray();
      }
      arrival = 1 + random.nextInt(4);
      patience = 4 + random.nextInt(40);
    }

    void run() {
      while (arrived < VISITORS || !live.isEmpty()) {
        while (arrived < VISITORS && random.nextInt(arrival) == 0) {
          arrive();
        }
        if (!live.isEmpty() && random.nextInt(patience) == 0) {
          Visitor v = live.get(random.nextInt(live.size()));
          cancel(v);
        }
        now += 1 + random.nextInt(1000);
        boolean worked = loop.step();
        model.complaints.rethrow();
        steps++;
        require(worked || scheduler.idle(), "no progress, though there is work");
        for (int i = live.size() - 1; i >= 0; i--) {
          Visitor v = live.get(i);
          require(v.finished || !v.cancelled, "a cancelled request outlived a step");
          if (v.finished) {
            leave(i);
          }
        }
        invariants.check(live);
        if (random.nextInt(2000) == 0) {
          shutDown();
        }
      }
      require(
          pool.available() == pool.pages(),
          "pages leaked: " + pool.available() + " of " + pool.pages());
      count();
    }

    /** Unless its own sink was first. */
    private void cancel(Visitor v) {
      if (!v.sequence.ended()) {
        v.asked = REASONS[random.nextInt(REASONS.length)];
        v.sequence.end(v.asked);
        v.cancelled = true;
        cancels++;
      }
    }

    private void shutDown() {
      for (Visitor v : live) {
        v.asked = FinishReason.SHUTDOWN;
        v.cancelled = true;
      }
      mailbox.close();
      mailbox.drainTo(scheduler);
      scheduler.endAll(FinishReason.SHUTDOWN, "");
      model.complaints.rethrow();
      for (Visitor v : live) {
        require(v.finished, "not told of the shutdown");
      }
      live.clear();
      arrived = VISITORS;
    }

    private void arrive() {
      arrived++;
      Visitor v = new Visitor(random, prefixes, answer, parts, model);
      int tokens = v.request.promptLength() + v.request.maxTokens();
      try {
        limits.requireFits(v.request);
      } catch (IllegalArgumentException e) {
        impossible++;
        require(
            tokens > Math.min(limits.maxContext(), pool.pages() * limits.pageSize() + 1),
            "refused, yet it fits");
        return;
      }
      v.sequence = new Sequence(v.request, v, limits, keys, "simulated", mailbox::ring);
      v.sequence.submittedAt = now;
      try {
        mailbox.submit(v.sequence);
        v.expect(alone);
        live.add(v);
        requests++;
      } catch (RefusedException e) {
        refused++;
        boolean full = mailbox.queuedRequests() == limits.maxQueuedRequests();
        boolean long_ =
            mailbox.queuedTokens() + v.request.promptLength() > limits.maxQueuedTokens();
        require(
            e.reason() == RefusedException.Reason.QUEUED_REQUESTS ? full : long_,
            "refused without need");
      }
    }

    private void leave(int index) {
      Visitor v = live.get(index);
      live.set(index, live.getLast());
      live.removeLast();
      hits += v.sequence.reused > 0 ? 1 : 0;
      held += v.sequence.preemptions == limits.maxPreemptions() ? 1 : 0;
    }

    private void count() {
      EngineCounters counters = events.counters(mailbox);
      preemptions += counters.preemptions();
      require(counters.failedSteps() == model.failures, "failed steps miscounted");
      require(counters.sinkFailures() == 0, "a sink did not take its end");
      failures += model.failures;
      spoils += model.spoils;
      counters.ended().forEach((reason, n) -> ended[reason.ordinal()] += n);
    }
  }
}
