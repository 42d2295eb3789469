package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PageMapTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 8, 32, 32, 4, 16, 1000);
  private static final int[] NO_STOP = {};

  private static int[] prompt(int first, int length) {
    return IntStream.range(first, first + length).map(i -> i % HashModel.VOCABULARY).toArray();
  }

  private static void run(Engine engine, int[] prompt, CacheScope scope)
      throws InterruptedException {
    Collected sink = new Collected();
    engine.submit(
        new Request(prompt, 1, NO_STOP, Sampling.GREEDY, Map.of(), -1, scope, TokenConstraint.NONE),
        sink);
    sink.await();
  }

  @Test
  void aPromptThatEndedLeavesItsFullPagesKept() throws InterruptedException {
    try (Engine engine = new Engine(new HashModel(LIMITS, true), LIMITS, "hash")) {
      assertThat(engine.pageMap(0).states()).containsOnly(PageState.FREE).hasSize(8);
      run(engine, prompt(0, 10), CacheScope.SHARED);
      PageMap map = engine.pageMap(0);
      assertThat(map.count(PageState.KEPT)).isEqualTo(2);
      assertThat(map.count(PageState.FREE)).isEqualTo(6);
      assertThat(map.evictions()).isZero();
      assertThat(map.pageSize()).isEqualTo(4);
    }
  }

  @Test
  void theCachedPrefixIsThatOfTheScopeAndLeavesALastToken() throws InterruptedException {
    try (Engine engine = new Engine(new HashModel(LIMITS, true), LIMITS, "hash")) {
      int[] prompt = prompt(0, 10);
      assertThat(engine.cachedPrefix(prompt, CacheScope.SHARED)).isZero();
      run(engine, prompt, CacheScope.SHARED);
      assertThat(engine.cachedPrefix(prompt, CacheScope.SHARED)).isEqualTo(8);
      assertThat(engine.cachedPrefix(prompt(0, 8), CacheScope.SHARED)).isEqualTo(4);
      assertThat(engine.cachedPrefix(prompt(1, 10), CacheScope.SHARED)).isZero();
      assertThat(engine.cachedPrefix(prompt, new CacheScope("another"))).isZero();
      assertThat(engine.cachedPrefix(new int[0], CacheScope.SHARED)).isZero();
      assertThat(engine.pageMap(0).count(PageState.KEPT)).as("asking shares nothing").isEqualTo(2);
    }
  }

  @Test
  void pagesGivenToOtherTokensAreNamedOnceSeen() throws InterruptedException {
    try (Engine engine = new Engine(new HashModel(LIMITS, true), LIMITS, "hash")) {
      run(engine, prompt(0, 30), CacheScope.SHARED);
      assertThat(engine.pageMap(0).count(PageState.KEPT)).isEqualTo(7);
      run(engine, prompt(1, 30), CacheScope.SHARED);
      PageMap map = engine.pageMap(0);
      assertThat(map.evictions()).isEqualTo(7);
      assertThat(map.evicted()).hasSize(7).doesNotHaveDuplicates();
      assertThat(engine.pageMap(5).evicted()).hasSize(2);
      assertThat(engine.pageMap(7).evicted()).isEmpty();
    }
  }

  /** A model whose steps wait for each other until it is let go. */
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
  void twoWithOneBeginningShareItsPages() {
    Rig rig = new Rig(LIMITS, new HashModel(LIMITS, true));
    Request request = new Request(prompt(0, 10), 3, NO_STOP, Sampling.GREEDY);
    rig.submit(request, new Collected());
    rig.finish();
    rig.submit(request, new Collected());
    rig.submit(request, new Collected());
    rig.loop.step();
    PageMap map = rig.scheduler.tables.map(0);
    assertThat(map.count(PageState.SHARED)).isEqualTo(2);
    assertThat(map.count(PageState.USED)).as("the last page of each").isEqualTo(2);
  }

  @Test
  void aQuestionWaitsForTheStepUnderWayAndAClosedEngineAnswersNone() throws Exception {
    Gated model = new Gated();
    Engine engine = new Engine(model, LIMITS, "gated");
    Collected sink = new Collected();
    engine.submit(new Request(prompt(0, 10), 3, NO_STOP, Sampling.GREEDY), sink);
    model.begun.await();
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          Collections.nCopies(8, 0).stream()
              .map(i -> askers.submit(() -> engine.pageMap(i)))
              .toList();
      model.open.countDown();
      for (var answer : answers) {
        assertThat(answer.get().states()).hasSize(8);
      }
    }
    sink.await();
    engine.close();
    assertThatThrownBy(() -> engine.pageMap(0))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.CLOSED));
  }
}
