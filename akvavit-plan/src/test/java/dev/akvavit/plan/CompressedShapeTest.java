package dev.akvavit.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.UnsupportedModelException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A cache that is a line over the context, with rows that stand for many tokens. */
class CompressedShapeTest {
  private static final int PAGE = 32;

  /** DeepSeek-V4-Flash's widths with few layers. */
  private static CompressedShape shape(Integer... ratios) {
    return new CompressedShape(
        "deepseek_v4",
        1 << 20,
        4096,
        129_280,
        List.of(ratios),
        new CompressedShape.Attention(64, 512, 64, 128, 1024, 8, 1024, 64, 128, 512),
        new CompressedShape.Experts(256, 1, 6, 2048),
        4);
  }

  private static CapacityPlanner planner(CompressedShape shape, long memory) {
    return new CapacityPlanner(
        new PlannedModel("compressed", shape, shape.parameters(), 0), Machine.pool(memory));
  }

  private static Scenario scenario(int users, int context) {
    return new Scenario(users, context, 0, CacheTypes.of(DType.BF16), WeightType.FP4, PAGE, 512);
  }

  @Test
  void entriesAreFlashMlasAndStateIsKeptForEachUser() {
    long window = 128 * 512 * 2;
    assertThat(CacheSize.of(shape(0).cache(CacheTypes.of(DType.BF16))))
        .isEqualTo(new CacheSize(window, 0));
    assertThat(CacheSize.of(shape(4).cache(CacheTypes.of(DType.BF16))))
        .isEqualTo(new CacheSize(window + 8 * 2 * (1024 + 256) * 4, (584 + 68) / 4.0));
    assertThat(CacheSize.of(shape(128).cache(CacheTypes.of(DType.BF16))))
        .isEqualTo(new CacheSize(window + (512 << 10), 584 / 128.0));
    assertThat(shape(0, 4, 128, 4).cache(CacheTypes.of(DType.F32)))
        .as("whatever type is asked for")
        .isEqualTo(shape(0, 4, 128, 4).cache(CacheTypes.of(DType.BF16)))
        .extracting(CacheRow::mechanism, CacheRow::plane, CacheRow::layers)
        .containsExactly(
            tuple("CSA", "CSA entries", 2),
            tuple("CSA", "index keys", 2),
            tuple("HCA", "HCA entries", 1),
            tuple("all", "window", 4),
            tuple("CSA", "CSA state", 2),
            tuple("HCA", "HCA state", 1));
  }

  @Test
  void theCacheIsALineOverTheContextAndItsPartsAddUp() {
    CapacityPlanner planner = planner(shape(0, 4, 128), 1L << 40);
    long first = planner.cacheBytes(scenario(3, 1024));
    long second = planner.cacheBytes(scenario(3, 2048));
    assertThat(planner.cacheBytes(scenario(3, 4096)) - second).isEqualTo(2 * (second - first));
    assertThat(2 * first - second)
        .as("users at no context")
        .isEqualTo(
            3
                * CacheSize.of(planner.model().shape().cache(CacheTypes.of(DType.BF16)))
                    .bytesPerUser());
    assertThat(planner.budget(scenario(3, 2048)).bytes(MemoryBudget.Kind.CACHE)).isEqualTo(second);
  }

  @Test
  void oneMoreThanTheAnswerDoesNotFit() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      CapacityPlanner planner =
          planner(shape(0, 4, 128, 4), (18L << 30) + random.nextLong(1L << 35));
      Scenario s = scenario(1 + random.nextInt(3000), 1 + random.nextInt(1 << 20));
      int users = planner.mostUsers(s);
      CapacityPlanner.LongestContext longest = planner.longestContext(s);
      assertThat(planner.fits(s)).as("seed %d", seed).isEqualTo(users >= s.users());
      assertThat(users == Scenario.MOST_USERS || !planner.fits(s.withUsers(users + 1)))
          .as("seed %d", seed)
          .isTrue();
      assertThat(longest.tokens() == 0 || planner.fits(s.withContext(longest.tokens())))
          .as("seed %d", seed)
          .isTrue();
      assertThat(longest.limitedByModel() || !planner.fits(s.withContext(longest.tokens() + PAGE)))
          .as("seed %d", seed)
          .isTrue();
    }
  }

  @Test
  void generatedTokensReadWindowChosenEntriesAndScannedKeys() {
    Variant csa = Variant.of(shape(4), CacheTypes.of(DType.BF16)).getFirst();
    Variant hca = Variant.of(shape(128), CacheTypes.of(DType.BF16)).getFirst();
    assertThat(csa.bytesRead(100_000)).isEqualTo(128 * 1024 + 512 * 584 + 25_000 * 68.0);
    assertThat(csa.flops(100_000)).isEqualTo((128 + 512) * 131_072.0 + 25_000 * 16_384.0);
    assertThat(csa.bytesRead(100)).as("fewer than there is room for").isEqualTo(102_400 + 25 * 652);
    assertThat(hca.bytesRead(100_000)).isEqualTo(128 * 1024 + 781 * 584.0);
    assertThat(csa.cache()).isEqualTo(CacheSize.of(shape(4).cache(CacheTypes.of(DType.BF16))));
    assertThat(hca.cache()).isEqualTo(CacheSize.of(shape(128).cache(CacheTypes.of(DType.BF16))));
  }

  @Test
  void whatIsDerivedSaysSo() {
    PlanReport report = PlanReport.of(planner(shape(0, 4, 128), 1L << 36), scenario(1, 8192));
    assertThat(report.cache()).extracting(CacheRow::certainty).containsOnly(Certainty.DERIVED);
    assertThat(report.deployment()).as("there is nothing to start").isNull();
    assertThat(report.mechanisms()).hasSize(1).allMatch(PlanReport.Mechanism::own);
    assertThat(report.notes()).anyMatch(n -> n.contains("not allocated here"));
    assertThatThrownBy(() -> planner(shape(4), 1).model().config())
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("deepseek_v4");
    assertThatThrownBy(() -> shape(4, -1)).hasMessageContaining("compress_ratios");
  }
}
