package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The door under many threads: bounded, seeded in what each does, free in how they meet. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MailboxTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 64, 64, 16, 4, 8, 100);
  private static final int THREADS = 8;
  private static final int EACH = 2_000;

  /** The engine saw it open, it was closed, and taking the mail silenced the bell. */
  @Test
  void nobodySleepsAtAClosedMailbox() throws InterruptedException {
    Mailbox mailbox = new Mailbox(LIMITS);
    PageTables tables =
        new PageTables(LIMITS.pageSize(), new PrefixCache(new PagePool(LIMITS.pages())), true);
    Scheduler scheduler =
        new Scheduler(LIMITS, tables, mailbox, new EngineEvents(), System::nanoTime);
    mailbox.close();
    mailbox.drainTo(scheduler);
    assertThat(mailbox.quiet()).isFalse();
    mailbox.await();
    assertThat(scheduler.idle()).isTrue();
  }

  @Test
  void everyAdmittedRequestEndsOnceAndEveryRefusedOneNever() throws InterruptedException {
    AtomicIntegerArray ends = new AtomicIntegerArray(THREADS * EACH);
    AtomicIntegerArray admitted = new AtomicIntegerArray(THREADS * EACH);
    AtomicInteger refusedFull = new AtomicInteger();
    AtomicInteger refusedClosed = new AtomicInteger();
    Engine engine = new Engine(new HashModel(LIMITS, true), LIMITS, "stress");
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int first = t * EACH;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                SplittableRandom random = new SplittableRandom(first);
                for (int id = first; id < first + EACH; id++) {
                  visit(engine, random, id, ends, admitted, refusedFull, refusedClosed);
                }
              }));
    }
    for (int i = 0; i < THREADS / 2; i++) {
      threads.get(i).join();
    }
    engine.close(); // while the others still come
    for (Thread thread : threads) {
      thread.join();
    }
    int total = 0;
    for (int id = 0; id < THREADS * EACH; id++) {
      assertThat(ends.get(id)).as("ends of request %d", id).isEqualTo(admitted.get(id));
      total += admitted.get(id);
    }
    assertThat(total + refusedFull.get() + refusedClosed.get()).isEqualTo(THREADS * EACH);
    EngineCounters counters = engine.counters();
    assertThat(counters.ended().values().stream().mapToLong(n -> n).sum()).isEqualTo(total);
    assertThat(counters.admitted()).isZero();
    assertThat(counters.queuedRequests()).isZero();
    assertThat(counters.queuedTokens()).isZero();
    assertThat(counters.integrityFailures()).isZero();
    assertThat(total).as("admitted").isPositive();
    assertThat(refusedFull.get()).as("refused when full").isPositive();
  }

  private static void visit(
      Engine engine,
      SplittableRandom random,
      int id,
      AtomicIntegerArray ends,
      AtomicIntegerArray admitted,
      AtomicInteger refusedFull,
      AtomicInteger refusedClosed) {
    int[] prompt = random.ints(1 + random.nextInt(20), 0, HashModel.VOCABULARY).toArray();
    TokenSink sink =
        new TokenSink() {
          @Override
          public boolean token(int token, LogProbs logProbs) {
            return ends.get(id) == 0;
          }

          @Override
          public void finished(FinishReason reason, String detail, GenerationStats stats) {
            ends.incrementAndGet(id);
          }
        };
    try {
      Ticket ticket =
          engine.submit(
              new Request(prompt, 1 + random.nextInt(20), new int[0], Sampling.GREEDY), sink);
      admitted.incrementAndGet(id);
      if (random.nextInt(3) == 0) {
        ticket.cancel();
      }
    } catch (RefusedException e) {
      (e.reason() == RefusedException.Reason.CLOSED ? refusedClosed : refusedFull)
          .incrementAndGet();
      Thread.yield();
    }
  }
}
