package dev.akvavit.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.claims.OutlierTrial.Format;
import dev.akvavit.defaultmodel.DefaultModel;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Experiments, by what must hold whatever the machine's speed. */
class TrialsTest {
  /** Measured once for all tests: what is asserted holds for any run. */
  static final Laboratory LAB = Laboratory.of(DefaultModel.folder(), new Effort(1, 512, 512, 640));

  @Test
  void bothFormsOfLatentAttentionAgree() {
    assertThat(AbsorptionTrial.of(LAB).difference()).isPositive().isLessThan(1e-5);
  }

  @Test
  void oneQueryServesStillKeysAndNoTurnedOnes() {
    RotationTrial trial = RotationTrial.of(LAB);
    assertThat(trial.plain()).isLessThan(1e-9);
    assertThat(trial.rotated()).isBetween(0.2, 1.0);
  }

  @Test
  void singularValuesOfAKnownMatrix() {
    // Columns (3, 0, 4) and (0, 5, 0) and their sum: rank two, squared values 75 and 25.
    float[][] columns = {{3, 0, 4}, {0, 5, 0}, {3, 5, 4}};
    assertThat(SpectrumTrial.energies(columns))
        .containsExactly(new double[] {0, 25, 75}, within(1e-9));
    assertThat(SpectrumTrial.energyByRank(columns))
        .containsExactly(new double[] {0, 0.75, 1, 1}, within(1e-9));
  }

  @Test
  void theShippedModelUsesItsLatentWell() {
    SpectrumTrial trial = SpectrumTrial.of(LAB);
    assertThat(trial.kept()).hasSize(129).isSorted();
    assertThat(trial.kept()[128]).isCloseTo(1, within(1e-9));
    assertThat(trial.kept()[64]).isGreaterThan(trial.random()[64]);
  }

  @Test
  void outliersHurtEqualStepsAndTheTransformMendsThem() {
    OutlierTrial planted = OutlierTrial.of(LAB);
    assertThat(planted.productError()).isLessThan(1e-5);
    assertThat(planted.gain(Format.INT8, true)).isGreaterThan(1.5);
    assertThat(planted.outcome(Format.INT8, false, false).overlap()).isGreaterThan(0.95);
    assertThat(OutlierTrial.measure(LAB, 300).outcome(Format.INT8, true, false).overlap())
        .isLessThan(planted.outcome(Format.INT8, true, false).overlap());
  }

  @Test
  void theShippedModelsIndexStandsRounding() {
    IndexTrial trial = IndexTrial.of(LAB);
    assertThat(trial.tokens()).isEqualTo(640);
    assertThat(trial.choices()).isEqualTo((640L - 256) * 256 * 10);
    assertThat(trial.firstLayer()).isBetween(0.95, 1.0);
  }

  @Test
  void experts() {
    ExpertTrial trial = ExpertTrial.of(LAB);
    assertThat(trial.code()).hasDimensions(9, 16);
    assertThat(trial.between()).isGreaterThan(trial.within());
    assertThat(trial.busiest()).hasSize(9);
    assertThat(DoubleStream.of(trial.busiest())).allMatch(b -> b >= 1 && b <= 4);
  }

  @Test
  void theSweepTimesEveryMechanismAtEveryContext() {
    AttentionSweep sweep = AttentionSweep.of(LAB);
    assertThat(sweep.tokens()).containsExactly(256, 384, 512);
    assertThat(sweep.mechanisms())
        .hasSize(5)
        .allSatisfy(m -> {
          assertThat(m.decode()).hasSize(3).doesNotContain(0);
          assertThat(m.allocatedBytes()).isEqualTo(m.expectedBytes());
        });
    assertThat(sweep.mechanism(AttentionSweep.DSA).prefill()).hasSize(1);
  }

  @Test
  void batchesFillTheGivenMemory() {
    assertThat(BatchTrial.of(LAB).mechanisms())
        .extracting(BatchTrial.Mechanism::sequences)
        .containsExactly(4, 8, 28);
  }

  @Test
  void theCrossoverIsWhereTheLastLeadEnds() {
    List<Integer> contexts = List.of(100, 200, 400);
    double[] slow = {1, 2, 4};
    assertThat(AttentionSweep.crossover(contexts, slow, new double[] {2, 3, 3})).isEqualTo(300);
    assertThat(AttentionSweep.crossover(contexts, slow, new double[] {0.5, 1, 2})).isEqualTo(100);
    assertThat(AttentionSweep.crossover(contexts, slow, new double[] {0.5, 1, 5})).isNaN();
    assertThat(AttentionSweep.crossover(contexts, slow, new double[] {0.5, 3, 3})).isEqualTo(300);
  }

  @Test
  void whatIsTimedIsInterleavedAndItsSpreadKnown() {
    Stopwatch stopwatch = new Stopwatch();
    assertThat(stopwatch.spread()).isNaN();
    int[] runs = new int[2];
    double[] medians = stopwatch.medians(3, List.of(() -> runs[0]++, () -> runs[1]++));
    assertThat(medians).hasSize(2).doesNotContain(0);
    assertThat(runs[0]).isPositive();
    assertThat(stopwatch.spread()).isNotNegative();
  }

  @Test
  void mediansOfOddAndEvenCounts() {
    assertThat(Stopwatch.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Stopwatch.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
  }
}
