package dev.akvavit.engine;

import java.time.Duration;

/**
 * What one request cost.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens prompt tokens found in the prefix cache when it first ran, hence not computed
 * @param generatedTokens tokens delivered to the sink
 * @param preemptions how often it gave its pages back and was computed again
 * @param queued from submission to its first step
 * @param firstToken from submission to its first token
 * @param prefill from its first step to its first token
 * @param decode from its first token to its end
 */
public record GenerationStats(
    int promptTokens,
    int cachedTokens,
    int generatedTokens,
    int preemptions,
    Duration queued,
    Duration firstToken,
    Duration prefill,
    Duration decode) {}
