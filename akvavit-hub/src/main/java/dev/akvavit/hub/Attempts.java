package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Decides after each failure whether to go on, and how long to wait before. */
final class Attempts {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final int MOST_DOUBLINGS = 5;

  private final String what;
  private final TransferLimits limits;
  private final Pause pause;
  private final PullListener listener;
  private int inARow;
  private int total;

  Attempts(String what, TransferLimits limits, Pause pause, PullListener listener) {
    this.what = what;
    this.limits = limits;
    this.pause = pause;
    this.listener = listener;
  }

  /**
   * Returns when it is time to try again.
   *
   * @param moved whether bytes came since the last failure
   * @throws HubException when it is not worth while
   */
  void failed(IOException failure, boolean moved) {
    total++;
    inARow = moved ? 1 : inARow + 1;
    boolean busy = failure instanceof Refusal refusal && refusal.isBusy();
    Duration wait = wait(failure);
    if (wait.compareTo(limits.longestWait()) > 0) {
      throw new HubException(
          Reason.RATE_LIMITED,
          what
              + ": the hub asks to come back in "
              + wait.toSeconds()
              + " s; a token in HF_TOKEN raises the limit",
          failure);
    }
    if (inARow >= limits.attempts() || total >= limits.failures()) {
      throw new HubException(
          busy ? Reason.RATE_LIMITED : Reason.UNREACHABLE,
          what
              + ": tried "
              + total
              + " times, the last time: "
              + tell(failure)
              + "; what came is kept, the same command goes on from there",
          failure);
    }
    listener.waiting(
        what
            + ": "
            + tell(failure)
            + "; trying again in "
            + Math.ceilDiv(wait.toMillis(), 1000)
            + " s");
    try {
      pause.of(wait);
    } catch (InterruptedException e) {
      throw HubException.interrupted();
    }
  }

  private Duration wait(IOException failure) {
    if (failure instanceof Refusal refusal && refusal.pause().isPositive()) {
      return refusal.pause();
    }
    long doubled = FIRST.toMillis() << Math.min(inARow - 1, MOST_DOUBLINGS);
    // Lanes that were cut together do not come back together.
    return Duration.ofMillis(doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1));
  }

  private static String tell(IOException failure) {
    String message = failure.getMessage();
    String kind = failure.getClass().getSimpleName();
    return failure instanceof Refusal
        ? String.valueOf(message)
        : message == null || message.isEmpty()
            ? "no connection (" + kind + ")"
            : message + " (" + kind + ")";
  }
}
