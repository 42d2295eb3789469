package dev.akvavit.engine;

/**
 * The submitter's hold on an admitted request. Any thread may call it, also a sink from within a
 * call.
 */
public interface Ticket {
  /** Ends the request within one step, wherever it is; without effect on one that has ended. */
  default void cancel() {
    end(FinishReason.CANCELLED);
  }

  /**
   * As {@link #cancel()}, for another reason, such as a deadline or a slow reader; the first call
   * decides.
   */
  void end(FinishReason reason);
}
