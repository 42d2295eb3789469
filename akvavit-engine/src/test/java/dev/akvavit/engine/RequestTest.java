package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Whatever number a caller writes, the answer is a request or an error that names the field and the
 * bound.
 */
class RequestTest {
  private static Request request(
      int[] prompt, int maxTokens, int[] stops, Map<Integer, Float> bias, int logProbs) {
    return new Request(
        prompt,
        maxTokens,
        stops,
        Sampling.GREEDY,
        bias,
        logProbs,
        CacheScope.SHARED,
        TokenConstraint.NONE);
  }

  private static void refused(Runnable making, String field, String allowed) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(field)
        .hasMessageContaining("allowed: " + allowed);
  }

  @Test
  void everyFieldIsChecked() {
    int[] one = {1};
    int[] none = {};
    refused(() -> request(none, 1, none, Map.of(), -1), "prompt", "1 or more");
    refused(() -> request(one, 0, none, Map.of(), -1), "maxTokens", "1 or more");
    refused(() -> request(one, Integer.MIN_VALUE, none, Map.of(), -1), "maxTokens", "1 or more");
    refused(() -> request(one, 1, new int[257], Map.of(), -1), "stopTokens", "at most 256");
    refused(() -> request(one, 1, none, Map.of(), 21), "logProbs", "0..20");
    refused(() -> request(one, 1, none, Map.of(), -2), "logProbs", "0..20");
    for (float bad : new float[] {Float.NaN, 101, -101, Float.POSITIVE_INFINITY}) {
      refused(() -> request(one, 1, none, Map.of(7, bad), -1), "logitBias[7]", "-100..100");
    }
    Map<Integer, Float> many = new HashMap<>();
    for (int i = 0; i < 1025; i++) {
      many.put(i, 1f);
    }
    refused(() -> request(one, 1, none, many, -1), "logitBias", "at most 1024");
  }

  @Test
  void everyIdMustBeInTheVocabulary() {
    int[] one = {1};
    int[] none = {};
    for (int bad : new int[] {-1, 32, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      refused(
          () -> request(new int[] {0, bad}, 1, none, Map.of(), -1).requireIdsBelow(32),
          "prompt[1]",
          "0..31");
      refused(
          () -> request(one, 1, new int[] {bad}, Map.of(), -1).requireIdsBelow(32),
          "stopTokens[0]",
          "0..31");
      refused(
          () -> request(one, 1, none, Map.of(bad, 1f), -1).requireIdsBelow(32),
          "logitBias",
          "0..31");
    }
    request(new int[] {0, 31}, 1, new int[] {31}, Map.of(31, 1f), 20).requireIdsBelow(32);
  }

  @Test
  void arraysAreCopiedInAndOut() {
    int[] prompt = {1, 2};
    Request request = request(prompt, 1, new int[] {3}, Map.of(), -1);
    prompt[0] = 9;
    request.prompt()[1] = 9;
    request.stopTokens()[0] = 9;
    assertThat(request.prompt()).containsExactly(1, 2);
    assertThat(request.stopTokens()).containsExactly(3);
  }

  @Test
  void limitsArePositiveAndSlotsCountable() {
    refused(() -> new EngineLimits(0, 1, 1, 1, 1, 1, 1), "pageSize", "1 or more");
    refused(() -> new EngineLimits(1, 1, 1, 1, 1, 1, 0), "maxQueuedTokens", "1 or more");
    refused(() -> new EngineLimits(1, 1, 1, 1, 1, 1, 1, 0), "maxPreemptions", "1 or more");
    refused(() -> new EngineLimits(65_536, 65_536, 1, 1, 1, 1, 1), "pages x pageSize", "up to");
  }
}
