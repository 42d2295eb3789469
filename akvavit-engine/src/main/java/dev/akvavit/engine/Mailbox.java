package dev.akvavit.engine;

import dev.akvavit.engine.RefusedException.Reason;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The only way into the engine: requests in a ring of fixed size, ends as a mark on the sequence,
 * and a bell. Counts what waits for its first step, so that too much of it is refused at the door,
 * on the caller's thread.
 *
 * <p>A plain monitor: it is held for a few writes, the engine's thread allocates nothing in it, and
 * a virtual thread may wait for it.
 */
final class Mailbox {
  private final EngineLimits limits;
  private static final int MOST_QUESTIONS = 64;

  private final @Nullable Sequence[] ring; // [maxQueuedRequests]
  private final ArrayDeque<FutureTask<?>> questions = new ArrayDeque<>(MOST_QUESTIONS);
  private int first;
  private int count;
  private int queuedRequests; // in the ring, or taken and not yet started
  private long queuedTokens;
  private int admitted; // and not yet ended
  private boolean rung;
  private boolean refusing;
  private boolean closed;

  Mailbox(EngineLimits limits) {
    this.limits = limits;
    ring = new Sequence[limits.maxQueuedRequests()];
  }

  /**
   * Admits a request.
   *
   * @throws RefusedException as {@link #requireRoom}
   */
  synchronized void submit(Sequence s) {
    requireRoom(s.promptLength);
    ring[(first + count++) % ring.length] = s;
    queuedRequests++;
    queuedTokens += s.promptLength;
    admitted++;
    ring();
  }

  /**
   * Asks whether a prompt would be let in now; refusing is cheapest before anything is made of it.
   *
   * @throws RefusedException when too much waits already, or the engine is ending
   */
  synchronized void requireRoom(int promptLength) {
    if (refusing) {
      throw new RefusedException(Reason.CLOSED, "the engine takes no more requests: it is closing");
    }
    if (queuedRequests == limits.maxQueuedRequests()) {
      throw new RefusedException(
          Reason.QUEUED_REQUESTS,
          "requests waiting: found %d, allowed: %d"
              .formatted(queuedRequests, limits.maxQueuedRequests()));
    }
    // A long prompt is let in when nothing else waits, or no load would ever be low enough for it.
    if (queuedRequests > 0 && queuedTokens + promptLength > limits.maxQueuedTokens()) {
      throw new RefusedException(
          Reason.QUEUED_TOKENS,
          "prompt tokens waiting: found %d + %d, allowed: %d"
              .formatted(queuedTokens, promptLength, limits.maxQueuedTokens()));
    }
  }

  /** Wakes the engine's thread: something has changed. */
  synchronized void ring() {
    rung = true;
    notifyAll();
  }

  /** Whether it is open and nothing has changed since the engine last looked. */
  synchronized boolean quiet() {
    return !rung && !closed;
  }

  /** No more requests from now on; those admitted go on. */
  synchronized void refuse() {
    refusing = true;
  }

  synchronized void close() {
    refusing = true;
    closed = true;
    ring();
  }

  synchronized boolean closed() {
    return closed;
  }

  /** Moves what has arrived to the scheduler; the engine's thread only. */
  synchronized void drainTo(Scheduler scheduler) {
    rung = false;
    for (; count > 0; count--) {
      scheduler.add(Objects.requireNonNull(ring[first]));
      ring[first] = null;
      first = (first + 1) % ring.length;
    }
  }

  /**
   * Leaves a question that the engine's thread answers between two steps.
   *
   * @throws RefusedException when too many wait already, or the engine has ended
   */
  synchronized void ask(FutureTask<?> question) {
    if (closed) {
      throw new RefusedException(Reason.CLOSED, "the engine answers no more: it is closed");
    }
    if (questions.size() == MOST_QUESTIONS) {
      throw new RefusedException(
          Reason.QUEUED_REQUESTS,
          "questions waiting: found %d, allowed: %d".formatted(questions.size(), MOST_QUESTIONS));
    }
    questions.add(question);
    ring();
  }

  /** Answers what was asked, outside the monitor; the engine's thread only. */
  void answer() {
    for (FutureTask<?> question = nextQuestion(); question != null; question = nextQuestion()) {
      question.run();
    }
  }

  /** Leaves what was asked without an answer: the engine has ended. */
  void cancelQuestions() {
    for (FutureTask<?> question = nextQuestion(); question != null; question = nextQuestion()) {
      question.cancel(false);
    }
  }

  private synchronized @Nullable FutureTask<?> nextQuestion() {
    return questions.poll();
  }

  /** A request has its first step, or ended before it: no longer waiting. */
  synchronized void left(Sequence s) {
    queuedRequests--;
    queuedTokens -= s.promptLength;
  }

  /** A request has ended. */
  synchronized void ended() {
    if (--admitted == 0) {
      notifyAll();
    }
  }

  synchronized int queuedRequests() {
    return queuedRequests;
  }

  synchronized long queuedTokens() {
    return queuedTokens;
  }

  synchronized int admitted() {
    return admitted;
  }

  /** Sleeps until the bell rings, not at all once closed; the engine's thread only. */
  synchronized void await() throws InterruptedException {
    while (!rung && !closed) {
      wait();
    }
  }

  /** Waits until every admitted request has ended, or the time is over; whether they have. */
  synchronized boolean awaitEnded(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (admitted > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
