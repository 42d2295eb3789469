package dev.akvavit.engine;

import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.Map;

/**
 * What a caller asks for, in token ids; text ends at the engine's door. Arrays are copied on the
 * way in and out.
 *
 * @param prompt at least one token
 * @param maxTokens tokens to generate at most, 1 or more
 * @param stopTokens tokens that end the answer; such a token is delivered as the last one
 * @param sampling how tokens are drawn
 * @param logitBias added to the logits of these tokens before anything is drawn, each in -100..100
 * @param logProbs alternatives wanted with each token's log probability, 0..20, or {@link
 *     #NO_LOG_PROBS}
 * @param scope who may share cached prefixes with it
 * @param constraint which tokens may come next; made for this request alone
 */
public record Request(
    int[] prompt,
    int maxTokens,
    int[] stopTokens,
    Sampling sampling,
    Map<Integer, Float> logitBias,
    int logProbs,
    CacheScope scope,
    TokenConstraint constraint) {

  public static final int NO_LOG_PROBS = -1;
  private static final int MAX_STOP_TOKENS = 256;
  private static final int MAX_BIASES = 1024;
  private static final float MAX_BIAS = 100;

  public Request {
    prompt = prompt.clone();
    stopTokens = stopTokens.clone();
    logitBias = Map.copyOf(logitBias);
    require(prompt.length > 0, "prompt", "no token", "1 or more");
    require(maxTokens > 0, "maxTokens", maxTokens, "1 or more");
    require(
        stopTokens.length <= MAX_STOP_TOKENS,
        "stopTokens",
        stopTokens.length,
        "at most " + MAX_STOP_TOKENS);
    require(
        logitBias.size() <= MAX_BIASES,
        "logitBias",
        logitBias.size(),
        "at most " + MAX_BIASES + " entries");
    logitBias.forEach((id, bias) ->
        require(Math.abs(bias) <= MAX_BIAS, "logitBias[" + id + "]", bias, "-100..100"));
    require(
        logProbs >= NO_LOG_PROBS && logProbs <= LogProbs.MAX_ALTERNATIVES,
        "logProbs",
        logProbs,
        "0.." + LogProbs.MAX_ALTERNATIVES + ", or -1 for none");
  }

  /** Without bias, log probabilities or constraint, in the scope that everyone shares. */
  public Request(int[] prompt, int maxTokens, int[] stopTokens, Sampling sampling) {
    this(
        prompt,
        maxTokens,
        stopTokens,
        sampling,
        Map.of(),
        NO_LOG_PROBS,
        CacheScope.SHARED,
        TokenConstraint.NONE);
  }

  @Override
  public int[] prompt() {
    return prompt.clone();
  }

  @Override
  public int[] stopTokens() {
    return stopTokens.clone();
  }

  int promptLength() {
    return prompt.length;
  }

  /** Checks what depends on the model: every id named anywhere lies in its vocabulary. */
  void requireIdsBelow(int vocabulary) {
    requireIds("prompt", prompt, vocabulary);
    requireIds("stopTokens", stopTokens, vocabulary);
    for (int id : logitBias.keySet()) {
      requireId("logitBias", id, vocabulary);
    }
  }

  private static void requireIds(String name, int[] ids, int vocabulary) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= vocabulary) {
        requireId(name + "[" + i + "]", ids[i], vocabulary);
      }
    }
  }

  private static void requireId(String name, int id, int vocabulary) {
    require(id >= 0 && id < vocabulary, name, "token id " + id, "0.." + (vocabulary - 1));
  }

  private static void require(boolean holds, String name, Object found, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": found " + found + ", allowed: " + allowed);
    }
  }
}
