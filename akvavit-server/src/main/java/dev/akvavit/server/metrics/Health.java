package dev.akvavit.server.metrics;

import dev.akvavit.engine.EngineCounters;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * {@code /health/live} says that the process answers; {@code /health/ready} whether to send it
 * work: not while the first model is loading, not while it drains, not when steps keep failing.
 */
public final class Health {
  private static final int TOO_MANY_FAILED_STEPS = 3;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** Failed steps of all models by then. */
  private record Sample(long nanos, long failedSteps) {}

  private final ModelShelf shelf;
  private final LongSupplier clock;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private volatile boolean loading = true;
  private volatile boolean draining;

  /**
   * @param clock nanoseconds
   */
  public Health(ModelShelf shelf, LongSupplier clock) {
    this.shelf = shelf;
    this.clock = clock;
  }

  public void loaded() {
    loading = false;
  }

  public void drains() {
    draining = true;
  }

  /** {@code GET /health/live}. */
  public void live(Call call) {
    call.answer(Json.object("status", "live"));
  }

  /** {@code GET /health/ready}. */
  public void ready(Call call) {
    List<String> reasons = new ArrayList<>();
    if (loading) {
      reasons.add("loading");
    }
    if (draining) {
      reasons.add("draining");
    }
    if (failedStepsOfLate() >= TOO_MANY_FAILED_STEPS) {
      reasons.add("failing");
    }
    boolean ready = reasons.isEmpty();
    call.send(
        ready ? 200 : 503,
        "application/json",
        Json.bytes(Json.object("status", ready ? "ready" : "not ready", "reasons", reasons)));
  }

  /** Steps that threw, or answers that failed without one, as by logits that are no numbers. */
  private static long failures(EngineCounters counters) {
    return Math.max(counters.failedSteps(), counters.ended().getOrDefault(FinishReason.FAILED, 0L));
  }

  /** Looks how many steps have failed; asked whenever an answer has ended. */
  public synchronized long failedStepsOfLate() {
    long now = clock.getAsLong();
    AtomicLong total = new AtomicLong();
    shelf.eachOpen(lease -> total.addAndGet(failures(lease.model().engine().counters())));
    Sample oldest = samples.pollFirst(); // the count at the beginning of the window
    while (!samples.isEmpty() && now - samples.getFirst().nanos() > WINDOW.toNanos()) {
      oldest = samples.removeFirst();
    }
    if (oldest != null) {
      samples.addFirst(oldest);
    }
    long before = samples.isEmpty() ? 0 : samples.getFirst().failedSteps();
    if (samples.isEmpty() || samples.getLast().failedSteps() != total.get()) {
      samples.addLast(new Sample(now, total.get()));
    }
    return Math.max(0, total.get() - before);
  }
}
