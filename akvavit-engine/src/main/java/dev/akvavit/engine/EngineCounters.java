package dev.akvavit.engine;

import java.util.Map;

/**
 * What an engine has done since it started, and what waits now. Each figure is exact; together they
 * are not one instant.
 *
 * @param steps passes through the model
 * @param failedSteps of those, passes that ended in an exception
 * @param computedTokens tokens that went through the model, computed again ones included
 * @param generatedTokens tokens delivered
 * @param cachedTokens prompt tokens found in the prefix cache
 * @param preemptions sequences that gave their pages back
 * @param sinkFailures ends that a sink did not take without an exception
 * @param integrityFailures idle checks that found a leak
 * @param queuedRequests requests waiting for their first step
 * @param queuedTokens their prompt tokens
 * @param admitted requests admitted and not yet ended
 * @param ended requests by the reason of their end
 */
public record EngineCounters(
    long steps,
    long failedSteps,
    long computedTokens,
    long generatedTokens,
    long cachedTokens,
    long preemptions,
    long sinkFailures,
    long integrityFailures,
    int queuedRequests,
    long queuedTokens,
    int admitted,
    Map<FinishReason, Long> ended) {

  public EngineCounters {
    ended = Map.copyOf(ended);
  }
}
