package dev.akvavit.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Answers hold together: what is said to fit fits, and one step more does not. */
class CapacityPlannerTest {
  private static final int PAGE = 32;

  @Test
  void oneMoreThanTheAnswerDoesNotFit() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      PlannedModel model = Shapes.random(random);
      CapacityPlanner planner =
          new CapacityPlanner(model, Machine.pool((1L << 30) + random.nextLong(1L << 38)));
      Scenario s = scenario(random, model.config().maxPositions());
      CapacityPlanner.LongestContext longest = planner.longestContext(s);
      int users = planner.mostUsers(s);
      String where = "seed " + seed + ", " + s;
      if (longest.tokens() > 0) {
        assertThat(planner.fits(s.withContext(longest.tokens()))).as(where).isTrue();
      }
      if (longest.limitedByModel()) {
        assertThat(longest.tokens()).as(where).isEqualTo(model.config().maxPositions());
      } else {
        assertThat(planner.fits(s.withContext(longest.tokens() + PAGE))).as(where).isFalse();
      }
      if (users > 0) {
        assertThat(planner.fits(s.withUsers(users))).as(where).isTrue();
      }
      assertThat(users == Scenario.MOST_USERS || !planner.fits(s.withUsers(users + 1)))
          .as(where)
          .isTrue();
      assertThat(planner.fits(s))
          .as(where)
          .isEqualTo(users >= s.users())
          .isEqualTo(planner.budget(s).bytes() <= planner.machine().bytes());
    }
  }

  @Test
  void partsAddUpToTheWholeAndTheCacheToItsPages() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      PlannedModel model = Shapes.random(random);
      CapacityPlanner planner = new CapacityPlanner(model, Machine.pool(1L << 36));
      Scenario s = scenario(random, model.config().maxPositions());
      MemoryBudget budget = planner.budget(s);
      assertThat(budget.parts().stream().mapToLong(MemoryBudget.Part::bytes).sum())
          .as("seed %d", seed)
          .isEqualTo(budget.bytes());
      assertThat(budget.bytes(MemoryBudget.Kind.CACHE))
          .as("seed %d", seed)
          .isEqualTo(planner.cacheBytes(s))
          .isEqualTo(s.pages() * PAGE * model.config().kvBytesPerToken(s.cacheTypes()));
    }
  }

  @Test
  void wholePagesOfASharedPrefixAreKeptOnce() {
    Scenario s = new Scenario(10, 1000, 500, CacheTypes.of(DType.BF16), WeightType.BF16, PAGE, 512);
    assertThat(s.pages()).isEqualTo(15 + 10 * (32 - 15)); // 500 tokens fill 15 pages
    assertThat(s.tokens()).isEqualTo(480 + 10 * 520);
    assertThat(s.withContext(100).sharedPrefix()).isEqualTo(100);
  }

  @Test
  void remediesComeByLossOfQualityAndSayWhetherTheyAreEnough() {
    PlannedModel model = Shapes.model(Shapes.sparse(IndexPrecision.EXACT), 61, 163_840);
    CapacityPlanner planner = new CapacityPlanner(model, Machine.pool(8L << 30));
    Scenario s = new Scenario(4, 16_384, 0, CacheTypes.of(DType.F32), WeightType.BF16, PAGE, 512);
    PlanReport report = PlanReport.of(planner, s);
    assertThat(report.fits()).isFalse();
    assertThat(report.room()).isEqualTo(report.memory() - report.need()).isNegative();
    assertThat(report.remedies()).extracting(Remedy::change).first().isEqualTo("BF16 cache");
    assertThat(report.remedies())
        .allSatisfy(r -> {
          assertThat(r.bytes()).isLessThan(report.need());
          assertThat(r.fits()).isEqualTo(r.bytes() <= report.memory());
        })
        .anyMatch(Remedy::fits);
    assertThat(report.notes()).anyMatch(n -> n.contains("not capacity"));
    assertThat(PlanReport.of(planner, s.withUsers(1).withContext(1024)).remedies()).isEmpty();
  }

  @Test
  void weightsByType() {
    PlannedModel model = Shapes.model(Shapes.latent(), 61, 1024);
    CapacityPlanner planner = new CapacityPlanner(model, Machine.pool(1L << 40));
    Scenario s = new Scenario(1, 1024, 0, CacheTypes.of(DType.BF16), WeightType.F32, PAGE, 512);
    long parameters = model.parameters().total();
    assertThat(weights(planner, s)).isEqualTo(4 * parameters);
    assertThat(weights(planner, s.withWeights(WeightType.BF16))).isEqualTo(2 * parameters);
    long embedding = model.parameters().embedding();
    assertThat(weights(planner, s.withWeights(WeightType.FP8)))
        .isEqualTo(2 * embedding + 1_000_000 + 4 * 62 + 1_000_000_000 + 4 * 61_036);
    PlannedModel stored =
        new PlannedModel("stored", model.config(), model.parameters(), 2_123_456_789);
    assertThat(weights(new CapacityPlanner(stored, Machine.pool(1)), s)).isEqualTo(2_123_456_789);
  }

  private static long weights(CapacityPlanner planner, Scenario s) {
    return planner.budget(s).bytes(MemoryBudget.Kind.WEIGHTS);
  }

  @Test
  void needsBeyondAnyNumberDoNotWrap() {
    PlannedModel model = Shapes.model(Shapes.grouped(128, 128, 256), 200, Integer.MAX_VALUE);
    CapacityPlanner planner = new CapacityPlanner(model, Machine.pool(1L << 50));
    Scenario s =
        new Scenario(
            Scenario.MOST_USERS,
            Integer.MAX_VALUE,
            0,
            CacheTypes.of(DType.F32),
            WeightType.F32,
            PAGE,
            512);
    assertThat(planner.fits(s)).isFalse();
    assertThat(planner.budget(s).bytes()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void scenariosOutOfRangeNameTheField() {
    assertThatThrownBy(
            () -> new Scenario(0, 1, 0, CacheTypes.of(DType.BF16), WeightType.BF16, 32, 512))
        .hasMessageContainingAll("users", "0", "65536");
    assertThatThrownBy(
            () -> new Scenario(1, 10, 11, CacheTypes.of(DType.BF16), WeightType.BF16, 32, 512))
        .hasMessageContainingAll("shared prefix", "11", "10");
  }

  private static Scenario scenario(Random random, int maxPositions) {
    int context = 1 + random.nextInt(maxPositions);
    return new Scenario(
        1 + random.nextInt(100),
        context,
        random.nextInt(context),
        CacheTypes.of(random.nextBoolean() ? DType.BF16 : DType.F32),
        WeightType.values()[random.nextInt(3)],
        PAGE,
        512);
  }
}
