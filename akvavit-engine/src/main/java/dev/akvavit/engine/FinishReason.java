package dev.akvavit.engine;

/** Why a request ended. Every admitted request ends in exactly one of these, once. */
public enum FinishReason {
  /** A stop token was drawn, or the sink asked for no more. */
  STOP,
  /** As many tokens as the request allowed. */
  LENGTH,
  /** Its owner asked for the end. */
  CANCELLED,
  /** Its time was over; what it has is what there is. */
  DEADLINE,
  /** Its reader was too slow to keep up. */
  SLOW_CONSUMER,
  /** The model, the sampler, its constraint or its sink failed on it; the detail says how. */
  FAILED,
  /** The engine was closed. */
  SHUTDOWN
}
