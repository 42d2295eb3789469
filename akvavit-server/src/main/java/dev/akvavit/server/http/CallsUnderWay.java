package dev.akvavit.server.http;

import java.time.Duration;

/** Counts calls whose answers are not out yet, so that the end can wait for them. */
final class CallsUnderWay {
  private int count;

  synchronized void begins() {
    count++;
  }

  synchronized void ends() {
    if (--count == 0) {
      notifyAll();
    }
  }

  /** Waits until none is left, but not longer than {@code patience}. */
  synchronized void awaitNone(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (long left = patience.toMillis(); count > 0 && left > 0; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }
}
