package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class WorkersTest {

  @Test
  void everyItemIsDoneOnceByOneOfTheTeam() {
    for (int threads = 1; threads <= 5; threads++) {
      try (Workers workers = new Workers(threads)) {
        int team = threads;
        for (int round = 0; round < 3000; round++) {
          int n = round % 67;
          AtomicIntegerArray done = new AtomicIntegerArray(n + 1);
          workers.run(
              (from, to, worker) -> {
                assertThat(worker).isBetween(0, team - 1);
                for (int i = from; i < to; i++) {
                  done.incrementAndGet(i);
                }
              },
              n,
              1 + round % 5);
          for (int i = 0; i < n; i++) {
            assertThat(done.get(i))
                .as("item %d of %d, round %d, %d threads", i, n, round, threads)
                .isOne();
          }
          assertThat(done.get(n)).isZero();
        }
      }
    }
  }

  @Test
  void failureReachesTheCallerAndTheTeamGoesOn() {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 100; round++) {
        assertThatThrownBy(() ->
                workers.run(
                    (from, to, worker) -> {
                      throw new ArithmeticException("planted");
                    },
                    12,
                    1))
            .hasRootCauseInstanceOf(ArithmeticException.class)
            .hasMessageContaining("planted");
        int[] sum = new int[12];
        workers.run((from, to, worker) -> java.util.Arrays.fill(sum, from, to, 1), 12, 1);
        assertThat(sum).containsOnly(1);
      }
    }
  }

  @Test
  void idleTeamSleepsAndClosedTeamEnds() {
    Thread[] seen = new Thread[3];
    try (Workers workers = new Workers(3)) {
      // all three must take part: each waits until the others have come
      java.util.concurrent.CyclicBarrier all = new java.util.concurrent.CyclicBarrier(3);
      Assertions.assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () ->
              workers.run(
                  (from, to, worker) -> {
                    seen[worker] = Thread.currentThread();
                    try {
                      all.await();
                    } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
                      throw new IllegalStateException(e);
                    }
                  },
                  3,
                  1));
      Assertions.assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () -> {
            while (seen[1].getState() != Thread.State.WAITING
                || seen[2].getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          });
      assertThat(seen[1].isDaemon()).isTrue();
    }
    assertThat(seen[1].isAlive()).isFalse();
    assertThat(seen[2].isAlive()).isFalse();
  }
}
