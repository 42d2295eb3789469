package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 64, 128, 16, 4, 8, 100);

  /** Fails the steps it is told to fail. */
  private static final class Failing extends HashModel {
    private final Predicate<Batch> fails;
    private final Error error;

    Failing(EngineLimits limits, Error error, Predicate<Batch> fails) {
      super(limits, true);
      this.error = error;
      this.fails = fails;
    }

    @Override
    public void forward(Batch batch) {
      if (fails.test(batch)) {
        throw error;
      }
      super.forward(batch);
    }
  }

  private static Request request(int maxTokens, int... prompt) {
    return new Request(prompt, maxTokens, new int[0], Sampling.GREEDY);
  }

  private static List<Integer> alone(Request request) {
    Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
    Collected sink = new Collected();
    rig.submit(request, sink);
    rig.finish();
    return sink.tokens();
  }

  @Test
  void theOneThatFailsAgainEndsAndItsNeighboursDoNotNotice() throws InterruptedException {
    Error error = new InternalError("a fault occurred in a recent unsafe memory access");
    Rig rig =
        new Rig(
            LIMITS,
            new Failing(
                LIMITS,
                error,
                batch -> {
                  for (int t = 0; t < batch.tokens(); t++) {
                    if (batch.tokenIds[t] == 31 && batch.positions[t] == 1) {
                      return true;
                    }
                  }
                  return false;
                }));
    Request good = request(5, 1, 2, 3);
    Request bad = request(5, 4, 31);
    List<Collected> sinks = List.of(new Collected(), new Collected(), new Collected());
    rig.submit(good, sinks.get(0));
    rig.submit(bad, sinks.get(1));
    rig.submit(good, sinks.get(2));
    rig.finish();
    assertThat(sinks.get(1).await()).isEqualTo(FinishReason.FAILED);
    assertThat(sinks.get(1).detail()).contains("InternalError").contains("a fault occurred");
    assertThat(sinks.get(1).tokens()).isEmpty();
    for (int i : new int[] {0, 2}) {
      assertThat(sinks.get(i).await()).isEqualTo(FinishReason.LENGTH);
      assertThat(sinks.get(i).tokens()).isEqualTo(alone(good));
    }
    assertThat(rig.events.counters(rig.mailbox).failedSteps()).isEqualTo(2);
    assertThat(rig.pool.available()).isEqualTo(LIMITS.pages());
  }

  @Test
  void aStepThatFailsOnceCostsNobodyAnything() throws InterruptedException {
    int[] steps = {0};
    Rig rig =
        new Rig(
            LIMITS,
            new Failing(
                LIMITS,
                new OutOfMemoryError("once"),
                batch -> ++steps[0] % 5 == 0 && batch.sequences() > 1));
    List<Request> requests =
        List.of(request(9, 1, 2), request(9, 3), request(9, 4, 5, 6, 7, 8, 9, 10));
    List<Collected> sinks = new ArrayList<>();
    for (Request r : requests) {
      sinks.add(new Collected());
      rig.submit(r, sinks.getLast());
    }
    rig.finish();
    for (int i = 0; i < 3; i++) {
      assertThat(sinks.get(i).await()).isEqualTo(FinishReason.LENGTH);
      assertThat(sinks.get(i).tokens()).isEqualTo(alone(requests.get(i)));
    }
    assertThat(rig.events.counters(rig.mailbox).failedSteps()).isPositive();
  }

  @Test
  void aLongPromptComesInChunksWhileOthersGoOn() {
    Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
    Collected brief = new Collected();
    rig.submit(request(20, 1), brief);
    rig.loop.step();
    Collected lengthy = new Collected();
    rig.submit(request(2, new int[60]), lengthy); // 60 = 15 + 15 + 15 + 15 beside one decode
    for (int step = 1; step <= 4; step++) {
      assertThat(lengthy.tokens()).isEmpty();
      rig.loop.step();
      assertThat(brief.tokens()).hasSize(1 + step);
    }
    assertThat(lengthy.tokens()).hasSize(1);
  }

  @Test
  void thePreemptedOneComesBackBeforeNewOnes() {
    EngineLimits tight = new EngineLimits(1, 12, 64, 16, 4, 8, 100);
    Rig rig = new Rig(tight, new HashModel(tight, false));
    Sequence old = rig.submit(request(8, 1, 2, 3), new Collected());
    Sequence young = rig.submit(request(8, 4, 5, 6), new Collected());
    while (young.preemptions == 0) {
      assertThat(rig.loop.step()).isTrue();
    }
    assertThat(old.preemptions).isZero();
    Sequence fresh = rig.submit(request(1, 7), new Collected());
    while (!fresh.started) {
      assertThat(rig.loop.step()).isTrue();
    }
    assertThat(rig.scheduler.waiting).doesNotContain(young);
    rig.finish();
    assertThat(rig.pool.available()).isEqualTo(12);
  }

  @Test
  void aCancelReachesTheWaitingOneInTheNextStep() throws InterruptedException {
    EngineLimits single = new EngineLimits(4, 64, 128, 16, 1, 8, 100);
    Rig rig = new Rig(single, new HashModel(single, true));
    Collected running = new Collected();
    Collected waiting = new Collected();
    rig.submit(request(50, 1), running);
    Ticket ticket = rig.submit(request(50, 2), waiting);
    rig.loop.step();
    ticket.cancel();
    ticket.end(FinishReason.DEADLINE); // too late: the first call decides
    rig.loop.step();
    assertThat(waiting.await()).isEqualTo(FinishReason.CANCELLED);
    assertThat(waiting.tokens()).isEmpty();
    assertThat(running.tokens()).hasSize(2);
    assertThat(rig.mailbox.queuedRequests()).isZero();
  }

  @Test
  void aSinkEndsItsRequestInTheSameStep() throws InterruptedException {
    Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
    Collected end = new Collected();
    TokenSink sink =
        new TokenSink() {
          @Override
          public boolean token(int id, LogProbs logProbs) {
            end.token(id, logProbs);
            return end.tokens().size() < 3;
          }

          @Override
          public void finished(FinishReason reason, String detail, GenerationStats stats) {
            end.finished(reason, detail, stats);
          }
        };
    rig.submit(request(50, 1, 2), sink);
    for (int i = 0; i < 3; i++) {
      rig.loop.step();
    }
    assertThat(end.await()).isEqualTo(FinishReason.STOP);
    assertThat(end.tokens()).hasSize(3);
    assertThat(rig.scheduler.idle()).isTrue();
  }

  @Test
  void theDoorCountsRequestsAndTokensThatWait() {
    EngineLimits small = new EngineLimits(4, 64, 128, 16, 1, 2, 10);
    Rig rig = new Rig(small, new HashModel(small, true));
    rig.submit(
        request(4, new int[50]), new Collected()); // longer than the limit, but nothing else waits
    assertThatThrownBy(() -> rig.submit(request(4, 1), new Collected()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.QUEUED_TOKENS))
        .hasMessage("prompt tokens waiting: found 50 + 1, allowed: 10");
    rig.loop.step(); // it runs now
    rig.submit(request(4, 1), new Collected());
    rig.submit(request(4, 1), new Collected());
    assertThatThrownBy(() -> rig.submit(request(4, 1), new Collected()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.QUEUED_REQUESTS))
        .hasMessage("requests waiting: found 2, allowed: 2");
    rig.mailbox.refuse();
    assertThatThrownBy(() -> rig.submit(request(4, 1), new Collected()))
        .hasMessageContaining("closing");
    rig.finish();
    assertThat(rig.mailbox.admitted()).isZero();
  }

  @Test
  void durationsComeFromTheClock() throws InterruptedException {
    Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
    Collected sink = new Collected();
    rig.now = 100;
    rig.submit(request(3, new int[20]), sink);
    rig.now = 150;
    rig.loop.step(); // 16 of 20
    rig.now = 170;
    rig.loop.step(); // the first token
    rig.now = 180;
    rig.loop.step();
    rig.now = 200;
    rig.loop.step();
    assertThat(sink.await()).isEqualTo(FinishReason.LENGTH);
    assertThat(sink.stats())
        .isEqualTo(
            new GenerationStats(
                20,
                0,
                3,
                0,
                Duration.ofNanos(50),
                Duration.ofNanos(70),
                Duration.ofNanos(20),
                Duration.ofNanos(30)));
  }

  /**
   * Counted, not timed: who asked elsewhere before shows neither in steps nor in tokens computed.
   */
  @Test
  void aForeignHitCostsWhatAMissCosts() {
    int[] prompt = new int[40];
    long[][] costs = new long[3][];
    for (int history = 0; history < 3; history++) {
      Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
      if (history > 0) {
        rig.submit(scoped(history == 1 ? "another" : "own", prompt), new Collected());
        rig.finish();
      }
      EngineCounters before = rig.events.counters(rig.mailbox);
      Collected sink = new Collected();
      rig.submit(scoped("own", prompt), sink);
      rig.finish();
      EngineCounters after = rig.events.counters(rig.mailbox);
      costs[history] =
          new long[] {
            after.steps() - before.steps(),
            after.computedTokens() - before.computedTokens(),
            sink.stats().cachedTokens()
          };
    }
    assertThat(costs[1]).as("asked by another").isEqualTo(costs[0]).containsExactly(4, 41, 0);
    assertThat(costs[2]).as("asked by the same").containsExactly(2, 5, 36);
  }

  private static Request scoped(String salt, int[] prompt) {
    return new Request(
        prompt,
        2,
        new int[0],
        Sampling.GREEDY,
        Map.of(),
        Request.NO_LOG_PROBS,
        new CacheScope(salt),
        TokenConstraint.NONE);
  }

  @Test
  void generatedPagesServeTheNextTurnOnlyWhereRowsMatch() {
    for (boolean match : new boolean[] {true, false}) {
      Rig rig = new Rig(LIMITS, new HashModel(LIMITS, match));
      Collected first = new Collected();
      rig.submit(request(9, 1, 2, 3, 4, 5), first);
      rig.finish();
      int[] next = new int[16];
      System.arraycopy(new int[] {1, 2, 3, 4, 5}, 0, next, 0, 5);
      for (int i = 0; i < 9; i++) {
        next[5 + i] = first.tokens().get(i);
      }
      Collected second = new Collected();
      rig.submit(request(1, next), second);
      rig.finish();
      assertThat(second.stats().cachedTokens()).isEqualTo(match ? 12 : 4);
    }
  }
}
