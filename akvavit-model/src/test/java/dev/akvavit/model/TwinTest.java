package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.FeedForwardConfig.MixtureOfExperts;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.RouterConfig.GroupScore;
import dev.akvavit.core.RouterConfig.Scoring;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Workspace;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.WrappedBackend;
import dev.akvavit.testkit.naive.Approx;
import dev.akvavit.testkit.naive.NaiveAttention;
import dev.akvavit.testkit.naive.NaiveMixture;
import dev.akvavit.testkit.naive.NaiveSparseAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every mechanism against its twin from the papers, on random shapes drawn from primes and 1. Each
 * token must lie within {@link Approx#DEVIATIONS} standard deviations of what F32 may be off, which
 * the twin works out as it goes.
 */
class TwinTest {
  static final int CASES = 200;
  private static final int PAGE = 3;
  private static final String LAYER = "model.layers.0.";
  private static final String ATTENTION = LAYER + "self_attn.";

  static Stream<BackendUnderTest> backends() {
    return BackendUnderTest.all().stream();
  }

  /** One mechanism in one step or several, and what it made of the tokens. */
  private static final class Bench {
    final Backend backend;
    final RandomWeights weights;
    final float[][] x;
    final float[][] out;
    final int[][] chosen;
    private final Workspace space;
    private final Batch batch;
    private final Tensor in, result;
    private final int[] pages;

    Bench(Backend backend, int tokens, int hidden, long seed) {
      this.backend = backend;
      weights = new RandomWeights(backend, seed);
      Random random = new Random(seed);
      float[] rows = new float[tokens * hidden];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) random.nextGaussian();
      }
      weights.put("x", rows);
      x = new float[tokens][];
      for (int t = 0; t < tokens; t++) {
        x[t] = Arrays.copyOfRange(rows, t * hidden, (t + 1) * hidden);
      }
      out = new float[tokens][hidden];
      chosen = new int[tokens][];
      space = new Workspace(backend, tokens, 1);
      int count = Math.ceilDiv(tokens, PAGE);
      batch = new Batch(tokens, 1, count, PAGE);
      in = space.tensor("in", 1, hidden);
      result = space.tensor("result", 1, hidden);
      List<Integer> shuffled = new ArrayList<>(IntStream.range(0, count).boxed().toList());
      Collections.shuffle(shuffled, random);
      pages = shuffled.stream().mapToInt(p -> p).toArray();
    }

    /** Feeds the tokens in two chunks. */
    void attend(AttentionConfig config, boolean prompt) {
      int hidden = x[0].length;
      try (KvCache cache =
          new KvCache(backend, List.of(config.kvLayout(DType.F32)), pages.length, PAGE)) {
        Selection selection =
            config instanceof SparseLatent s
                ? backend.selection(space.tokens, s.indexer().topK())
                : null;
        Wiring wiring = new Wiring(backend, space, cache, 0, selection);
        Attention attention = Attentions.of(config, wiring, new WeightNames() {}, weights, hidden);
        int cut = x.length / 3;
        step(0, cut, prompt, () -> attention.forward(result, in, batch), selection);
        step(cut, x.length - cut, prompt, () -> attention.forward(result, in, batch), selection);
      }
    }

    void feedForward(FeedForwardConfig config) {
      Wiring wiring = new Wiring(backend, space, new KvCache(backend, List.of(), 1, 1), 0, null);
      FeedForward f = FeedForwards.of(config, wiring, new WeightNames() {}, weights, x[0].length);
      step(0, x.length, true, () -> f.forward(result, in), null);
    }

    private void step(
        int from, int count, boolean prompt, Runnable forward, @Nullable Selection selection) {
      if (count == 0) {
        return;
      }
      batch.clear();
      batch.add(
          IntStream.range(0, x.length).toArray(),
          from,
          count,
          from,
          pages,
          prompt,
          Batch.Logits.NONE);
      space.begin(batch);
      backend.ops().embed(in, weights.matrix("x", x.length, x[0].length), batch);
      forward.run();
      for (int t = 0; t < count; t++) {
        backend.read(result, t, out[from + t]);
        if (selection != null) {
          chosen[from + t] = selection.positions(t);
        }
      }
    }

    Approx[] exact() {
      return Stream.of(x).map(Approx::exact).toArray(Approx[]::new);
    }
  }

  private static int prime(Random r) {
    return new int[] {1, 2, 3, 5, 7, 11, 13, 17}[r.nextInt(8)];
  }

  private static int even(Random r) {
    return new int[] {2, 4, 6, 10, 14}[r.nextInt(5)];
  }

  private static RopeConfig rope(Random r) {
    return switch (r.nextInt(4)) {
      case 0 -> new RopeConfig.Plain(10_000);
      case 1 -> new RopeConfig.Linear(500, 4);
      case 2 -> new RopeConfig.Llama3(1000, 8, 1, 4, 64);
      default -> new RopeConfig.Yarn(1000, 4, 16, 8, 1, r.nextBoolean() ? 1 : 0, 0.7f, 0, true);
    };
  }

  private static RopeStyle style(Random r) {
    return RopeStyle.values()[r.nextInt(2)];
  }

  static GroupedQuery groupedQuery(Random r) {
    int kvHeads = prime(r) % 4 + 1;
    int headDim = 2 * prime(r);
    RopeConfig rope = r.nextInt(5) == 0 ? null : rope(r);
    int ropeDim = rope == null ? 0 : 2 * (1 + r.nextInt(headDim / 2));
    return new GroupedQuery(
        kvHeads * (1 + r.nextInt(3)),
        kvHeads,
        headDim,
        rope,
        style(r),
        ropeDim,
        r.nextBoolean() ? 1e-6f : 0,
        r.nextInt(3) == 0 ? prime(r) : 0,
        r.nextBoolean(),
        r.nextBoolean());
  }

  static Latent latent(Random r, boolean lowRank) {
    return new Latent(
        1 + r.nextInt(4),
        lowRank ? prime(r) + 1 : 0,
        prime(r) + 1,
        prime(r),
        even(r),
        prime(r),
        rope(r),
        style(r),
        0.2f + r.nextFloat(),
        1e-6f,
        r.nextInt(3) == 0 ? new Temperature(0.3f, 4) : null);
  }

  static SparseLatent sparse(Random r) {
    Latent latent = latent(r, true);
    int dim = latent.ropeDim() + prime(r);
    return new SparseLatent(
        latent,
        new SparseLatent.Indexer(
            1 + r.nextInt(5),
            dim,
            1 + r.nextInt(6),
            latent.ropeDim(),
            style(r),
            IndexPrecision.EXACT),
        false);
  }

  static MixtureOfExperts mixture(Random r) {
    int groups = 1 + r.nextInt(4);
    int size = 2 + r.nextInt(3);
    int kept = 1 + r.nextInt(groups);
    int topK = 1 + r.nextInt(size * kept);
    RouterConfig router =
        new RouterConfig(
            groups * size,
            topK,
            Scoring.values()[r.nextInt(2)],
            groups,
            kept,
            GroupScore.values()[r.nextInt(2)],
            r.nextBoolean(),
            0.5f + r.nextFloat());
    return new MixtureOfExperts(
        router, prime(r), r.nextInt(3) == 0 ? 0 : prime(r), r.nextBoolean());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void groupedQuery(BackendUnderTest backend) {
    try (Backend b = backend.open(0)) {
      for (int i = 0; i < CASES; i++) {
        assertWithin("seed " + i, groupedQueryDeviations(b, i));
      }
    }
  }

  static double groupedQueryDeviations(Backend b, long seed) {
    Random r = new Random(seed);
    GroupedQuery c = groupedQuery(r);
    Bench bench = new Bench(b, prime(r) + 1, prime(r) + 1, seed);
    bench.attend(c, true);
    return worst(bench, NaiveAttention.groupedQuery(c, bench.weights, ATTENTION, bench.exact()));
  }

  /** As a prompt (expanded) and as generated tokens (absorbed): one twin. */
  @ParameterizedTest
  @MethodSource("backends")
  void latent(BackendUnderTest backend) {
    try (Backend b = backend.open(0)) {
      for (int i = 0; i < CASES; i++) {
        for (boolean prompt : new boolean[] {true, false}) {
          Random r = new Random(i);
          Latent c = latent(r, r.nextBoolean());
          Bench bench = new Bench(b, prime(r) + 1, prime(r) + 1, i);
          bench.attend(c, prompt);
          assertWithin(
              "seed " + i + (prompt ? ", expanded " : ", absorbed ") + c,
              worst(bench, NaiveAttention.latent(c, bench.weights, ATTENTION, bench.exact())));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void sparse(BackendUnderTest backend) {
    int undecided = 0;
    int tokens = 0;
    try (Backend b = backend.open(0)) {
      for (int i = 0; i < CASES; i++) {
        Random r = new Random(i);
        SparseLatent c = sparse(r);
        Bench bench = new Bench(b, prime(r) + 5, prime(r) + 1, i);
        bench.attend(c, r.nextBoolean());
        NaiveSparseAttention.Result twin =
            NaiveSparseAttention.attend(c, bench.weights, ATTENTION, bench.exact());
        for (int t = 0; t < bench.x.length; t++, tokens++) {
          if (twin.decided()[t]) {
            assertThat(bench.chosen[t])
                .as("seed %d, token %d, %s", i, t, c)
                .isEqualTo(twin.chosen()[t]);
            assertWithin("seed " + i + ", token " + t, twin.out()[t].deviations(bench.out[t]));
          } else {
            undecided++;
          }
        }
      }
    }
    System.out.printf(
        "sparse attention on %s: %d of %d choices too close to call%n", backend, undecided, tokens);
    assertThat(undecided).isLessThan(tokens / 20);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void mixture(BackendUnderTest backend) {
    int undecided = 0;
    int tokens = 0;
    try (Backend b = backend.open(0)) {
      for (int i = 0; i < CASES; i++) {
        Random r = new Random(i);
        MixtureOfExperts c = mixture(r);
        Bench bench = new Bench(b, prime(r), prime(r) + 1, i);
        bench.feedForward(c);
        for (int t = 0; t < bench.x.length; t++, tokens++) {
          NaiveMixture.Result twin =
              NaiveMixture.forward(c, bench.weights, LAYER + "mlp.", Approx.exact(bench.x[t]));
          if (twin.decided()) {
            assertWithin(
                "seed " + i + ", token " + t + ", " + c, twin.out().deviations(bench.out[t]));
          } else {
            undecided++;
          }
        }
      }
    }
    assertThat(undecided).isLessThan(tokens / 20);
  }

  /**
   * The bound is tight enough to notice one rotation in another pairing, and a scale off by a
   * thousandth.
   */
  @Test
  void theBoundsCatch() {
    assertThat(caughtWith(ops -> new Scaled(ops, 1.001f))).isGreaterThan(CASES / 2);
    assertThat(caughtWith(PlantedRotation.rope((x, rope) -> true, PlantedRotation::otherPairs)))
        .isGreaterThan(CASES / 2);
  }

  private static int caughtWith(UnaryOperator<Ops> planted) {
    int caught = 0;
    try (Backend b = new WrappedBackend(BackendUnderTest.SCALAR.open(1), planted)) {
      for (int i = 0; i < CASES; i++) {
        caught += groupedQueryDeviations(b, i) > Approx.DEVIATIONS ? 1 : 0;
      }
    }
    return caught;
  }

  static final class Scaled extends OpsWrapper {
    private final float by;

    Scaled(Ops ops, float by) {
      super(ops);
      this.by = by;
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, int window) {
      super.attend(out, q, keys, values, b, scale * by, window);
    }
  }

  private static double worst(Bench bench, Approx[] twin) {
    double worst = 0;
    for (int t = 0; t < twin.length; t++) {
      worst = Math.max(worst, twin[t].deviations(bench.out[t]));
    }
    return worst;
  }

  private static void assertWithin(String what, double deviations) {
    assertThat(deviations).as(what).isLessThan(Approx.DEVIATIONS);
  }
}
