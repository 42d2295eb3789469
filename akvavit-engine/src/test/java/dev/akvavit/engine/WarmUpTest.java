package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Sampling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WarmUpTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 64, 128, 32, 8, 16, 1000);
  private static final int[] PROMPT = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final LongSupplier STANDING = () -> 0;

  /** Writes the rows of rehearsed steps too, and keeps how many tokens each had. */
  private static class Rehearsing extends HashModel {
    final List<Integer> rehearsed = Collections.synchronizedList(new ArrayList<>());

    Rehearsing() {
      super(LIMITS, true);
    }

    @Override
    public void rehearse(Batch batch, BooleanSupplier goOn) {
      store(batch);
      rehearsed.add(batch.tokens());
    }
  }

  /** Its rehearsals have no end of their own. */
  private static final class Endless extends Rehearsing {
    final Semaphore begun = new Semaphore(0);

    @Override
    public void rehearse(Batch batch, BooleanSupplier goOn) {
      super.rehearse(batch, goOn);
      begun.release();
      while (goOn.getAsBoolean()) {
        Thread.onSpinWait();
      }
    }
  }

  private static Collected answer(Engine engine) throws InterruptedException {
    Collected sink = new Collected();
    engine.submit(new Request(PROMPT, 20, new int[0], Sampling.GREEDY), sink);
    assertThat(sink.await()).isEqualTo(FinishReason.LENGTH);
    return sink;
  }

  private static List<Integer> coldAnswer() throws InterruptedException {
    try (Engine engine = new Engine(new HashModel(LIMITS, true), LIMITS, "cold")) {
      return answer(engine).tokens();
    }
  }

  @Test
  void aRequestBreaksAStepOffAndFindsNothingOfIt() throws InterruptedException {
    Endless model = new Endless();
    Engine engine = new Engine(model, LIMITS, "endless", STANDING);
    CompletableFuture<Void> over;
    try (engine) {
      over = engine.warmUp();
      model.begun.acquire();
      Collected first = answer(engine);
      model.begun.acquire(); // it goes on, and writes again
      Collected second = answer(engine);
      model.begun.acquire();
      assertThat(first.tokens()).isEqualTo(coldAnswer());
      assertThat(second.tokens()).isEqualTo(first.tokens());
      assertThat(first.stats().cachedTokens()).isZero();
      assertThat(second.stats().cachedTokens()).isEqualTo(8);
      assertThat(engine.counters().generatedTokens()).isEqualTo(40);
      assertThat(engine.counters().computedTokens()).isEqualTo(9 + 19 + 1 + 19);
      assertThat(over).isNotDone();
    }
    assertThat(over).isCompleted();
    assertThat(engine.counters().integrityFailures()).isZero();
    assertThat(engine.counters().failedSteps()).isZero();
  }

  @Test
  void cancellingEndsIt() throws InterruptedException {
    Endless model = new Endless();
    try (Engine engine = new Engine(model, LIMITS, "endless", STANDING)) {
      CompletableFuture<Void> over = engine.warmUp();
      model.begun.acquire();
      over.cancel(false);
      assertThat(answer(engine).tokens()).isEqualTo(coldAnswer());
      assertThat(engine.warmUp()).isCancelled();
    }
    assertThat(model.rehearsed).hasSize(1);
  }

  @Test
  void promptsGrowToWhatAStepHoldsAndEndWhenNothingGetsFaster() {
    EngineLimits wide = new EngineLimits(4, 64, 128, 100, 8, 16, 1000);
    Rehearsing model = new Rehearsing();
    try (Engine engine = new Engine(model, wide, "hash", STANDING)) {
      engine.warmUp().join();
      assertThat(engine.warmUp()).as("asked for again").isCompleted();
      assertThat(engine.counters().steps()).isZero();
    }
    assertThat(model.rehearsed.stream().filter(n -> n > 1))
        .startsWith(32, 100)
        .endsWith(100)
        .hasSize(1 + 5); // the first of a length is always a gain
    assertThat(model.rehearsed.stream().filter(n -> n == 1)).hasSize(6 * 4);
  }

  @Test
  void itTakesFourSecondsAtMost() {
    AtomicLong seconds = new AtomicLong();
    Rehearsing model = new Rehearsing();
    LongSupplier clock = () -> TimeUnit.SECONDS.toNanos(seconds.getAndIncrement());
    try (Engine engine = new Engine(model, LIMITS, "hash", clock)) {
      engine.warmUp().join();
    }
    assertThat(model.rehearsed).isNotEmpty().hasSizeLessThanOrEqualTo(4);
  }

  /** Pages that requests may find again are worth more than a faster first step. */
  @Test
  void cachedPagesAreLeftAlone() throws InterruptedException {
    EngineLimits narrow = new EngineLimits(4, 12, 48, 32, 8, 16, 1000);
    Rehearsing model = new Rehearsing();
    try (Engine engine = new Engine(model, narrow, "hash")) {
      answer(engine);
      engine.warmUp().join();
      assertThat(model.rehearsed).isEmpty();
      assertThat(answer(engine).stats().cachedTokens()).isEqualTo(8);
    }
  }

  @Test
  void aFailureIsToldAndConcernsNoRequest() throws InterruptedException {
    Rehearsing model =
        new Rehearsing() {
          @Override
          public void rehearse(Batch batch, BooleanSupplier goOn) {
            throw new IllegalStateException("no");
          }
        };
    try (Engine engine = new Engine(model, LIMITS, "hash")) {
      assertThat(engine.warmUp().handle((_, e) -> e).join())
          .isInstanceOf(IllegalStateException.class);
      assertThat(answer(engine).tokens()).isEqualTo(coldAnswer());
    }
  }

  @Test
  void aContextTooShortIsNotWarmed() {
    EngineLimits tiny = new EngineLimits(4, 1, 4, 4, 1, 1, 4);
    Rehearsing model = new Rehearsing();
    try (Engine engine = new Engine(model, tiny, "hash")) {
      engine.warmUp().join();
    }
    assertThat(model.rehearsed).isEmpty();
  }
}
