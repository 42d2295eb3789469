package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Sampling;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EngineTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 64, 128, 32, 8, 16, 1000);
  private static final int[] NO_STOP = {};

  private static Engine engine() {
    return new Engine(new HashModel(LIMITS, true), LIMITS, "hash");
  }

  @Test
  void generatesAsManyTokensAsAllowedAndEndsOnce() throws InterruptedException {
    try (Engine engine = engine()) {
      Collected sink = new Collected();
      engine.submit(new Request(new int[] {1, 2, 3}, 10, NO_STOP, Sampling.GREEDY), sink);
      assertThat(sink.await()).isEqualTo(FinishReason.LENGTH);
      assertThat(sink.tokens()).hasSize(10);
      assertThat(sink.stats().promptTokens()).isEqualTo(3);
      assertThat(sink.stats().generatedTokens()).isEqualTo(10);
      assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
      assertThat(engine.counters().ended()).containsEntry(FinishReason.LENGTH, 1L);
      assertThat(engine.counters().integrityFailures()).isZero();
    }
  }

  @Test
  void aStopTokenIsTheLastDelivered() throws InterruptedException {
    try (Engine engine = engine()) {
      Collected all = new Collected();
      engine.submit(new Request(new int[] {1, 2, 3}, 10, NO_STOP, Sampling.GREEDY), all);
      all.await();
      int fourth = all.tokens().get(3);
      Collected sink = new Collected();
      engine.submit(
          new Request(new int[] {1, 2, 3}, 10, new int[] {fourth}, Sampling.GREEDY), sink);
      assertThat(sink.await()).isEqualTo(FinishReason.STOP);
      assertThat(sink.tokens())
          .isEqualTo(all.tokens().subList(0, all.tokens().indexOf(fourth) + 1));
    }
  }

  @Test
  void aSecondPromptFindsTheFirstOnesPages() throws InterruptedException {
    try (Engine engine = engine()) {
      int[] prompt = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      Collected first = new Collected();
      engine.submit(new Request(prompt, 4, NO_STOP, Sampling.GREEDY), first);
      first.await();
      Collected second = new Collected();
      engine.submit(new Request(prompt, 4, NO_STOP, Sampling.GREEDY), second);
      second.await();
      assertThat(first.stats().cachedTokens()).isZero();
      assertThat(second.stats().cachedTokens()).isEqualTo(8);
      assertThat(second.tokens()).isEqualTo(first.tokens());
    }
  }

  @Test
  void closingEndsWhatRunsAndRefusesTheRest() throws InterruptedException {
    Collected sink = new Collected();
    Engine engine = engine();
    try (engine) {
      engine.submit(new Request(new int[] {1}, 120, NO_STOP, Sampling.GREEDY), sink);
    }
    assertThat(sink.await()).isIn(FinishReason.SHUTDOWN, FinishReason.LENGTH);
    assertThatThrownBy(
            () -> engine.submit(new Request(new int[] {1}, 1, NO_STOP, Sampling.GREEDY), sink))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.CLOSED));
  }

  /** A model whose first step waits until it is let go. */
  private static final class Gated extends HashModel {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);

    Gated() {
      super(LIMITS, true);
    }

    @Override
    public void forward(Batch batch) {
      begun.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      super.forward(batch);
    }
  }

  @Test
  void drainingRefusesNewOnesAndLetsThoseAdmittedEnd() throws InterruptedException {
    Gated model = new Gated();
    try (Engine engine = new Engine(model, LIMITS, "gated")) {
      Collected sink = new Collected();
      engine.submit(new Request(new int[] {1}, 5, NO_STOP, Sampling.GREEDY), sink);
      model.begun.await();
      assertThat(engine.drain(Duration.ofMillis(1))).isFalse();
      assertThatThrownBy(
              () -> engine.submit(new Request(new int[] {1}, 1, NO_STOP, Sampling.GREEDY), sink))
          .isInstanceOf(RefusedException.class);
      model.open.countDown();
      assertThat(engine.drain(Duration.ofSeconds(30))).isTrue();
      assertThat(sink.await()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void closingFromASinkEndsTheRest() throws InterruptedException {
    Gated model = new Gated();
    Engine engine = new Engine(model, LIMITS, "gated");
    Collected other = new Collected();
    Collected sink = new Collected();
    TokenSink closing =
        new TokenSink() {
          @Override
          public boolean token(int id, LogProbs logProbs) {
            engine.close();
            return true;
          }

          @Override
          public void finished(FinishReason reason, String detail, GenerationStats stats) {
            sink.finished(reason, detail, stats);
          }
        };
    engine.submit(new Request(new int[] {1}, 50, NO_STOP, Sampling.GREEDY), closing);
    model.begun.await();
    engine.submit(new Request(new int[] {2}, 50, NO_STOP, Sampling.GREEDY), other);
    model.open.countDown();
    assertThat(sink.await()).isEqualTo(FinishReason.SHUTDOWN);
    assertThat(other.await()).isEqualTo(FinishReason.SHUTDOWN);
    engine.close();
    assertThat(engine.counters().admitted()).isZero();
  }

  @Test
  void whatCanNeverRunIsRefusedWithBothNumbers() {
    try (Engine engine = engine()) {
      for (Request bad :
          List.of(
              new Request(new int[100], 29, NO_STOP, Sampling.GREEDY),
              new Request(new int[1], 1000, NO_STOP, Sampling.GREEDY))) {
        assertThatThrownBy(() -> engine.submit(bad, new Collected()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("" + (bad.prompt().length + bad.maxTokens()))
            .hasMessageContaining("128");
      }
      assertThatThrownBy(() ->
              engine.submit(
                  new Request(new int[] {1, 32}, 1, NO_STOP, Sampling.GREEDY), new Collected()))
          .hasMessage("prompt[1]: found token id 32, allowed: 0..31");
    }
  }
}
