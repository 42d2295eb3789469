package dev.akvavit.hub;

import java.time.Duration;

/** Waits; tests need not. */
interface Pause {
  Pause REAL = Thread::sleep;

  void of(Duration time) throws InterruptedException;
}
