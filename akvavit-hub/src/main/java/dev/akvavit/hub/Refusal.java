package dev.akvavit.hub;

import java.io.IOException;
import java.time.Duration;

/** A request that failed and may pass when it is made again. */
final class Refusal extends IOException {
  private static final long serialVersionUID = 1;

  private final Duration wait;
  private final boolean busy;

  /**
   * @param wait what the server asks for; zero when it does not say
   * @param busy whether the server said that it has too much to do
   */
  Refusal(String message, Duration wait, boolean busy) {
    super(message);
    this.wait = wait;
    this.busy = busy;
  }

  Refusal(String message, IOException cause) {
    this(message);
    initCause(cause);
  }

  Refusal(String message) {
    this(message, Duration.ZERO, false);
  }

  Duration pause() {
    return wait;
  }

  boolean isBusy() {
    return busy;
  }
}
