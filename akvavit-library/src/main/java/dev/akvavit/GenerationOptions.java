package dev.akvavit;

import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import dev.akvavit.engine.CacheScope;
import dev.akvavit.engine.Request;
import java.util.List;
import java.util.Map;

/**
 * How an answer is made. Start from {@link LanguageModel#defaults()} or {@link #GREEDY}.
 *
 * @param maxTokens tokens to generate at most; 0 for as many as the context holds
 * @param stops texts that end the answer and are not part of it; at most 16 of at most 256
 *     characters
 * @param logProbs alternatives wanted with each token's log probability, 0..20; -1 for none
 * @param logitBias added to the logits of these token ids
 * @param scope who may share cached prefixes with it
 * @param constraint which tokens may come next
 */
public record GenerationOptions(
    int maxTokens,
    Sampling sampling,
    List<String> stops,
    int logProbs,
    Map<Integer, Float> logitBias,
    CacheScope scope,
    TokenConstraint constraint) {
  private static final int MAX_STOPS = 16;
  private static final int MAX_STOP_LENGTH = 256;

  /** The likeliest token each time, to the end of the answer or of the context. */
  public static final GenerationOptions GREEDY =
      new GenerationOptions(
          0,
          Sampling.GREEDY,
          List.of(),
          Request.NO_LOG_PROBS,
          Map.of(),
          CacheScope.SHARED,
          TokenConstraint.NONE);

  public GenerationOptions {
    stops = List.copyOf(stops);
    logitBias = Map.copyOf(logitBias);
    if (maxTokens < 0) {
      throw new IllegalArgumentException(
          "maxTokens: found " + maxTokens + ", allowed: 0 (all the context) or more");
    }
    if (stops.size() > MAX_STOPS) {
      throw new IllegalArgumentException(
          "stop: found " + stops.size() + " texts, allowed: at most " + MAX_STOPS);
    }
    for (String stop : stops) {
      if (stop.isEmpty() || stop.length() > MAX_STOP_LENGTH) {
        throw new IllegalArgumentException(
            "stop: found a text of "
                + stop.length()
                + " characters, allowed: 1.."
                + MAX_STOP_LENGTH);
      }
    }
  }

  public GenerationOptions withMaxTokens(int value) {
    return new GenerationOptions(value, sampling, stops, logProbs, logitBias, scope, constraint);
  }

  public GenerationOptions withSampling(Sampling value) {
    return new GenerationOptions(maxTokens, value, stops, logProbs, logitBias, scope, constraint);
  }

  public GenerationOptions withStops(String... values) {
    return new GenerationOptions(
        maxTokens, sampling, List.of(values), logProbs, logitBias, scope, constraint);
  }

  public GenerationOptions withLogProbs(int alternatives) {
    return new GenerationOptions(
        maxTokens, sampling, stops, alternatives, logitBias, scope, constraint);
  }

  public GenerationOptions withLogitBias(Map<Integer, Float> value) {
    return new GenerationOptions(maxTokens, sampling, stops, logProbs, value, scope, constraint);
  }

  public GenerationOptions withScope(CacheScope value) {
    return new GenerationOptions(
        maxTokens, sampling, stops, logProbs, logitBias, value, constraint);
  }

  public GenerationOptions withConstraint(TokenConstraint value) {
    return new GenerationOptions(maxTokens, sampling, stops, logProbs, logitBias, scope, value);
  }
}
