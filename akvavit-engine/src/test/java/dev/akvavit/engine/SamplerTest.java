package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final EngineLimits LIMITS = new EngineLimits(16, 16, 200, 64, 1, 1, 1000);
  private static final long SEED = Long.getLong("sampler.seed", 20261122);

  /** One row of logits. */
  private static final class Row implements Model {
    private final float[] row;

    Row(float... row) {
      this.row = row;
    }

    @Override
    public void forward(Batch batch) {
      throw new UnsupportedOperationException("a row is given, not computed");
    }

    @Override
    public void logits(int index, float[] out) {
      System.arraycopy(row, 0, out, 0, row.length);
    }

    @Override
    public int vocabulary() {
      return row.length;
    }

    @Override
    public boolean generatedRowsMatchPrompt() {
      return true;
    }
  }

  private static Sequence sequence(
      Sampling sampling, int logProbs, TokenConstraint constraint, int... prompt) {
    return sequence(
        new Request(
            prompt, 100, new int[0], sampling, Map.of(), logProbs, CacheScope.SHARED, constraint));
  }

  private static Sequence sequence(Request request) {
    return new Sequence(
        request, new Collected(), LIMITS, new PageKeys(LIMITS.pageSize()), "", () -> {});
  }

  private static Sampling temperature(float t, long seed) {
    return new Sampling(t, 0, 1, 0, seed, 1, 0, 0);
  }

  @Test
  void greedyTakesTheLowestIdAmongEquals() {
    Row row = new Row(1, 3, 3, 2);
    assertThat(new Sampler(row).sample(sequence(Sampling.GREEDY, -1, TokenConstraint.NONE, 0), 0))
        .isEqualTo(1);
  }

  /** Against a sampler that sorts, adds noise to every token and prunes nothing. */
  @Test
  void drawsWhatTheNaiveTwinDraws() {
    SplittableRandom random = new SplittableRandom(SEED);
    int[] winners = new int[2];
    for (int c = 0; c < 20_000; c++) {
      float[] logits = new float[2 + random.nextInt(300)];
      double spread = Math.pow(10, random.nextInt(-1, 3));
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) ((random.nextDouble() - 0.5) * spread);
      }
      if (random.nextInt(4) == 0) {
        for (int i = 0; i < logits.length; i++) {
          logits[i] = Math.round(logits[i]); // many equal ones
        }
      }
      Sampling rule =
          new Sampling(
              0.1f + random.nextInt(30) * 0.1f,
              random.nextBoolean() ? 0 : 1 + random.nextInt(350),
              random.nextBoolean() ? 1 : 0.01f + random.nextInt(99) * 0.01f,
              random.nextBoolean() ? 0 : random.nextInt(100) * 0.01f,
              random.nextLong(),
              1,
              0,
              0);
      Sequence s = sequence(rule, -1, TokenConstraint.NONE, 0);
      int drawn = new Sampler(new Row(logits)).sample(s, 0);
      assertThat(drawn)
          .as("seed %d, case %d, %s", SEED, c, rule)
          .isEqualTo(naive(logits, rule, s.length));
      winners[drawn == 0 ? 0 : 1]++;
    }
    assertThat(winners[0]).isPositive();
    assertThat(winners[1]).isPositive();
  }

  private static int naive(float[] logits, Sampling rule, int position) {
    double max = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    List<Integer> kept =
        IntStream.range(0, logits.length)
            .boxed()
            .filter(i ->
                rule.minP() == 0
                    || logits[i] >= max + (double) rule.temperature() * StrictMath.log(rule.minP()))
            .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]).thenComparingInt(i -> i))
            .limit(rule.topK() == 0 ? logits.length : rule.topK())
            .toList();
    double total = 0;
    for (int i : kept) {
      total += Math.exp((logits[i] - max) / rule.temperature());
    }
    double sum = 0;
    int count = 0;
    while (count < kept.size() && (rule.topP() == 1 || sum < rule.topP() * total)) {
      sum += Math.exp((logits[kept.get(count++)] - max) / rule.temperature());
    }
    long stream = Noise.stream(rule.seed(), position);
    return kept.subList(0, count).stream()
        .max(
            Comparator.comparingDouble(
                i -> logits[i] / (double) rule.temperature() + Noise.gumbel(Noise.bits(stream, i))))
        .orElseThrow();
  }

  /** Chi-square with 7 degrees of freedom; 24.3 is its 99.9 % point, the seeds are fixed. */
  @Test
  void drawsFollowTheSoftmax() {
    float[] logits = {0, 1, 2, -1, 0.5f, 1.5f, -2, 2.5f};
    double temperature = 0.8;
    double[] p = new double[8];
    double total = 0;
    for (int i = 0; i < 8; i++) {
      p[i] = Math.exp(logits[i] / temperature);
      total += p[i];
    }
    int n = 100_000;
    int[] seen = new int[8];
    Sampler sampler = new Sampler(new Row(logits));
    for (int i = 0; i < n; i++) {
      seen[sampler.sample(sequence(temperature(0.8f, i), -1, TokenConstraint.NONE, 0), 0)]++;
    }
    double chi = 0;
    for (int i = 0; i < 8; i++) {
      double expected = n * p[i] / total;
      chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
    assertThat(chi).isLessThan(24.3);
  }

  @Test
  void theBoundNeverUndercutsTheNoise() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 200_000; i++) {
      long bits = random.nextLong() >>> (11 + random.nextInt(53));
      assertThat(Noise.bound(bits)).isGreaterThanOrEqualTo(Noise.gumbel(bits));
    }
    assertThat(Noise.gumbel((1L << 53) - 1)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Noise.bound(0)).isGreaterThan(Noise.gumbel(0));
  }

  @Test
  void penaltiesCountWhatWasSeen() {
    Sampling rule = new Sampling(0, 0, 1, 0, 0, 2, 0.5f, 0.25f);
    float[] logits = {4, -2, 3, 1, 2.2f};
    Sequence s =
        sequence(rule, -1, TokenConstraint.NONE, 0, 0, 1); // prompt: repetition only, once each
    s.append(2, 0);
    s.append(2, 0);
    // 0: 4/2 = 2; 1: -2*2 = -4; 2: 3/2 - 2*0.5 - 0.25 = 0.25; 3: 1; 4: 2.2
    Sampler sampler = new Sampler(new Row(logits));
    assertThat(sampler.sample(s, 0)).isEqualTo(4);
    logits[4] = 1.9f;
    assertThat(sampler.sample(s, 0)).isEqualTo(0);
    logits[0] = 1;
    logits[4] = 0.9f;
    assertThat(sampler.sample(s, 0)).isEqualTo(3);
    logits[3] = 0.2f;
    logits[4] = 0.2f;
    logits[0] = 0.4f;
    assertThat(sampler.sample(s, 0)).isEqualTo(2);
  }

  @Test
  void biasAndConstraintDecide() {
    Row row = new Row(5, 1, 2, 3);
    Request biased =
        new Request(
            new int[] {0},
            1,
            new int[0],
            Sampling.GREEDY,
            Map.of(1, 10f),
            -1,
            CacheScope.SHARED,
            TokenConstraint.NONE);
    assertThat(new Sampler(row).sample(sequence(biased), 0)).isEqualTo(1);
    assertThat(new Sampler(row).sample(sequence(Sampling.GREEDY, -1, allowing(2, 3), 0), 0))
        .isEqualTo(3);
    assertThatThrownBy(
            () -> new Sampler(row).sample(sequence(Sampling.GREEDY, -1, allowing(), 0), 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("allows no token");
    Sampler sampler = new Sampler(row);
    for (int seed = 0; seed < 1000; seed++) {
      Sampling hot = new Sampling(50, 3, 0.9f, 0, seed, 1, 0, 0);
      assertThat(sampler.sample(sequence(hot, -1, allowing(0, 2), 0), 0)).isIn(0, 2);
    }
  }

  private static TokenConstraint allowing(int... ids) {
    return new TokenConstraint() {
      @Override
      public void mask(long[] allowed) {
        BitSet set = new BitSet();
        Arrays.stream(ids).forEach(set::set);
        System.arraycopy(set.toLongArray(), 0, allowed, 0, set.toLongArray().length);
      }

      @Override
      public void accept(int token) {}
    };
  }

  @Test
  void logProbabilitiesAreThoseOfTheModel() {
    float[] logits = {1, 4, 2, 4, 0};
    Sampler sampler = new Sampler(new Row(logits));
    Sequence s = sequence(temperature(0.3f, 9), 3, allowing(0, 2), 0);
    int token = sampler.sample(s, 0);
    double total = Math.log(Math.exp(1) + 2 * Math.exp(4) + Math.exp(2) + 1);
    LogProbs found = sampler.logProbs();
    assertThat(found.isEmpty()).isFalse();
    assertThat(found.chosen()).isCloseTo((float) (logits[token] - total), within(1e-6f));
    assertThat(found.alternatives()).isEqualTo(3);
    assertThat(new int[] {found.id(0), found.id(1), found.id(2)}).containsExactly(1, 3, 2);
    assertThat(found.value(0)).isCloseTo((float) (4 - total), within(1e-6f));
    assertThat(found.value(2)).isCloseTo((float) (2 - total), within(1e-6f));
    sampler.sample(sequence(Sampling.GREEDY, -1, TokenConstraint.NONE, 0), 0);
    assertThat(found.isEmpty()).isTrue();
  }

  @Test
  void oneLogitThatIsNotFiniteFailsTheRow() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() ->
              new Sampler(new Row(0, 0, bad, 0))
                  .sample(sequence(Sampling.GREEDY, -1, TokenConstraint.NONE, 0), 0))
          .hasMessageContaining("not finite");
    }
  }

  /** What a sampler was used for before leaves no trace. */
  @Test
  void theScratchOfANeighbourDoesNotShow() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] logits =
        random
            .doubles(100, -3, 3)
            .collect(FloatArray::new, FloatArray::add, FloatArray::join)
            .toArray();
    Sampler shared = new Sampler(new Row(logits));
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      Sampling rule =
          new Sampling(
              random.nextInt(3),
              random.nextInt(20),
              random.nextBoolean() ? 1 : 0.8f,
              random.nextBoolean() ? 0 : 0.05f,
              random.nextLong(),
              random.nextBoolean() ? 1 : 1.5f,
              random.nextBoolean() ? 0 : 1,
              0);
      int[] prompt = random.ints(1 + random.nextInt(30), 0, 100).toArray();
      TokenConstraint constraint =
          random.nextInt(4) > 0 ? TokenConstraint.NONE : allowing(random.nextInt(100), 99);
      Sequence s = sequence(rule, random.nextInt(22) - 1, constraint, prompt);
      int token = shared.sample(s, 0);
      assertThat(token)
          .as("seed %d, case %d", SEED, i)
          .isEqualTo(new Sampler(new Row(logits)).sample(s, 0));
      counts.merge(token, 1, Integer::sum);
    }
    assertThat(counts).hasSizeGreaterThan(50);
  }

  /** Collects a stream of doubles into floats. */
  private static final class FloatArray {
    private final float[] values = new float[100];
    private int size;

    void add(double value) {
      values[size++] = (float) value;
    }

    void join(FloatArray other) {
      throw new UnsupportedOperationException("sequential only");
    }

    float[] toArray() {
      return values;
    }
  }
}
