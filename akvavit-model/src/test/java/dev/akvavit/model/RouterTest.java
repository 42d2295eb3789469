package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.RouterConfig.GroupScore;
import dev.akvavit.core.RouterConfig.Scoring;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Workspace;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.Tolerance;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a router's parts do, on logits small enough to follow by hand. */
class RouterTest {
  private record Choice(int[] experts, float[] weights) {}

  static Stream<BackendUnderTest> backends() {
    return BackendUnderTest.all().stream();
  }

  private static Choice route(
      BackendUnderTest backend, RouterConfig rule, float[] logits, float @Nullable [] bias) {
    try (Backend b = backend.open(1)) {
      Workspace space = new Workspace(b, 1, 1);
      Batch batch = new Batch(1, 1, 1, 1);
      batch.add(new int[1], 0, 1, 0, new int[1], true, Batch.Logits.NONE);
      space.begin(batch);
      RandomWeights weights = new RandomWeights(b, 1);
      weights.put("logits", logits);
      Tensor row = space.tensor("logits", 1, logits.length);
      b.ops().embed(row, weights.matrix("logits", 1, logits.length), batch);
      Weight selection = null;
      if (bias != null) {
        weights.put("bias", bias);
        selection = weights.vector("bias", bias.length);
      }
      Routing out = b.routing(space.tokens, rule.experts(), rule.topK());
      b.ops().route(out, row, selection, rule);
      return new Choice(out.experts(0), out.weights(0));
    }
  }

  private static float sigmoid(double x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void biasMovesChoicesNotWeights(BackendUnderTest backend) {
    RouterConfig rule = new RouterConfig(4, 2, Scoring.SIGMOID, 1, 1, GroupScore.TOP_TWO, false, 1);
    float[] logits = {2, 1, 0, -1};
    Choice plain = route(backend, rule, logits, null);
    Choice biased = route(backend, rule, logits, new float[] {0, 0, 0, 5});
    assertThat(plain.experts).containsExactly(0, 1);
    assertThat(biased.experts).containsExactly(0, 3);
    assertThat(biased.weights[0]).isEqualTo(plain.weights[0]);
    assertThat(biased.weights[1])
        .isCloseTo(sigmoid(-1), within((float) (2 * Tolerance.EXPONENTIAL)));
  }

  /** All biased scores are negative: an ineligible group counted as 0, not left out, would win. */
  @ParameterizedTest
  @MethodSource("backends")
  void groupLimitWithNegativeBiases(BackendUnderTest backend) {
    RouterConfig rule =
        new RouterConfig(6, 3, Scoring.SIGMOID, 3, 2, GroupScore.TOP_TWO, true, 2.5f);
    float[] bias = new float[6];
    Arrays.fill(bias, -10);
    Choice c = route(backend, rule, new float[] {3, 3, 2, 2, -4, -4}, bias);
    assertThat(c.experts).containsExactly(0, 1, 2);
    double sum = 2 * sigmoid(3) + sigmoid(2);
    assertThat(c.weights[2])
        .isCloseTo((float) (sigmoid(2) / sum * 2.5), within((float) (8 * Tolerance.EXPONENTIAL)));
  }

  /** One very good expert against two good ones. */
  @ParameterizedTest
  @MethodSource("backends")
  void groupScores(BackendUnderTest backend) {
    float[] logits = {4, -9, 1, 1};
    assertThat(
            route(
                    backend,
                    new RouterConfig(4, 2, Scoring.SIGMOID, 2, 1, GroupScore.MAX, true, 1),
                    logits,
                    null)
                .experts)
        .containsExactly(0, 1);
    assertThat(
            route(
                    backend,
                    new RouterConfig(4, 2, Scoring.SIGMOID, 2, 1, GroupScore.TOP_TWO, true, 1),
                    logits,
                    null)
                .experts)
        .containsExactly(2, 3);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tiesGoToTheLowerExpert(BackendUnderTest backend) {
    RouterConfig rule = new RouterConfig(8, 3, Scoring.SOFTMAX, 4, 2, GroupScore.MAX, false, 1);
    Choice c = route(backend, rule, new float[8], null);
    assertThat(c.experts).containsExactly(0, 1, 2);
    assertThat(c.weights).containsOnly(0.125f);
  }

  /** Softmax is over all experts, not over the chosen ones. */
  @ParameterizedTest
  @MethodSource("backends")
  void softmaxBeforeTheChoice(BackendUnderTest backend) {
    RouterConfig rule = new RouterConfig(3, 1, Scoring.SOFTMAX, 1, 1, GroupScore.MAX, false, 16);
    Choice c = route(backend, rule, new float[] {0, (float) Math.log(2), 0}, null);
    assertThat(c.experts).containsExactly(1);
    assertThat(c.weights[0]).isCloseTo(8, within((float) (16 * Tolerance.EXPONENTIAL)));
  }
}
