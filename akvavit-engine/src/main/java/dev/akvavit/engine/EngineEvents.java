package dev.akvavit.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * What the engine tells of itself: JFR events for those who record, counters for those who ask.
 * Written by the engine's thread alone (so an ordered store is enough), read by any; nothing here
 * allocates in a step.
 *
 * <p>No event is made before the JVM has a recorder: the first one starts half of JFR, which takes
 * longer than a step of a small model.
 */
final class EngineEvents {
  private final AtomicLong steps = new AtomicLong();
  private final AtomicLong failedSteps = new AtomicLong();
  private final AtomicLong computedTokens = new AtomicLong();
  private final AtomicLong generatedTokens = new AtomicLong();
  private final AtomicLong cachedTokens = new AtomicLong();
  private final AtomicLong preemptions = new AtomicLong();
  private final AtomicLong sinkFailures = new AtomicLong();
  private final AtomicLong integrityFailures = new AtomicLong();
  private final AtomicLongArray ended = new AtomicLongArray(FinishReason.values().length);
  private @Nullable StepEvent step; // reused: JFR copies its fields when it is committed

  void stepBegins() {
    if (FlightRecorder.isInitialized()) {
      step = step == null ? new StepEvent() : step;
      step.begin();
    }
  }

  void stepEnds(int sequences, int tokens, int generated) {
    if (step != null) {
      tell(step, sequences, tokens, generated);
    }
    add(steps, 1);
    add(computedTokens, tokens);
  }

  private static void tell(StepEvent step, int sequences, int tokens, int generated) {
    step.end();
    if (step.shouldCommit()) {
      step.sequences = sequences;
      step.tokens = tokens;
      step.decodedTokens = generated;
      step.commit();
    }
  }

  void stepFailed() {
    add(failedSteps, 1);
  }

  void started(Sequence s) {
    add(cachedTokens, s.reused);
  }

  void delivered() {
    add(generatedTokens, 1);
  }

  void preempted(Sequence s) {
    add(preemptions, 1);
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    PreemptionEvent event = new PreemptionEvent();
    if (event.shouldCommit()) {
      event.request = s.number;
      event.pages = s.pageCount;
      event.times = s.preemptions;
      event.commit();
    }
  }

  void ended(Sequence s, FinishReason reason, GenerationStats stats) {
    ended.lazySet(reason.ordinal(), ended.get(reason.ordinal()) + 1);
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    RequestEvent event = new RequestEvent();
    if (event.shouldCommit()) {
      event.request = s.number;
      event.reason = reason.name();
      event.promptTokens = stats.promptTokens();
      event.cachedTokens = stats.cachedTokens();
      event.generatedTokens = stats.generatedTokens();
      event.queuedNanos = stats.queued().toNanos();
      event.firstTokenNanos = stats.firstToken().toNanos();
      event.decodeNanos = stats.decode().toNanos();
      event.commit();
    }
  }

  void sinkFailed() {
    add(sinkFailures, 1);
  }

  void integrityFailed(String finding) {
    add(integrityFailures, 1);
    if (FlightRecorder.isInitialized()) {
      IntegrityEvent event = new IntegrityEvent();
      event.finding = finding;
      event.commit();
    }
  }

  EngineCounters counters(Mailbox mailbox) {
    Map<FinishReason, Long> byReason = new EnumMap<>(FinishReason.class);
    for (FinishReason reason : FinishReason.values()) {
      byReason.put(reason, ended.get(reason.ordinal()));
    }
    return new EngineCounters(
        steps.get(),
        failedSteps.get(),
        computedTokens.get(),
        generatedTokens.get(),
        cachedTokens.get(),
        preemptions.get(),
        sinkFailures.get(),
        integrityFailures.get(),
        mailbox.queuedRequests(),
        mailbox.queuedTokens(),
        mailbox.admitted(),
        byReason);
  }

  private static void add(AtomicLong counter, long more) {
    counter.lazySet(counter.get() + more);
  }

  @Name("dev.akvavit.Step")
  @Label("Engine Step")
  @Category("Akvavit")
  @StackTrace(false)
  private static final class StepEvent extends Event {
    @Label("Sequences")
    int sequences;

    @Label("Tokens")
    int tokens;

    @Label("Decoded Tokens")
    int decodedTokens;
  }

  @Name("dev.akvavit.Preemption")
  @Label("Preemption")
  @Category("Akvavit")
  @StackTrace(false)
  private static final class PreemptionEvent extends Event {
    @Label("Request")
    long request;

    @Label("Pages Given Back")
    int pages;

    @Label("Times So Far")
    int times;
  }

  @Name("dev.akvavit.Request")
  @Label("Request End")
  @Category("Akvavit")
  @StackTrace(false)
  private static final class RequestEvent extends Event {
    @Label("Request")
    long request;

    @Label("Reason")
    String reason = "";

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Cached Tokens")
    int cachedTokens;

    @Label("Generated Tokens")
    int generatedTokens;

    @Label("Queued")
    @jdk.jfr.Timespan
    long queuedNanos;

    @Label("Time to First Token")
    @jdk.jfr.Timespan
    long firstTokenNanos;

    @Label("Decode")
    @jdk.jfr.Timespan
    long decodeNanos;
  }

  @Name("dev.akvavit.Integrity")
  @Label("Integrity Failure")
  @Category("Akvavit")
  @StackTrace(false)
  private static final class IntegrityEvent extends Event {
    @Label("Finding")
    String finding = "";
  }
}
