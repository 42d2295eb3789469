package dev.akvavit.cli;

import dev.akvavit.Planning;
import dev.akvavit.Workbench;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * How fast one shape generates with each attention mechanism, against the tokens in its cache.
 *
 * <p>The shape is a slice of DeepSeek-V2-Lite, some of its layers and as large a part of its
 * vocabulary, with a feed-forward as wide as what its mixture uses for a token. All mechanisms have
 * 16 heads of 128; the indexer is V3.2's. Weights are random, and so are the rows of the cache: a
 * step is computed as in a real model, only nobody waits for a prompt.
 *
 * @param rates tokens a second, {@code [mechanism][depth]}: medians of interleaved repetitions
 * @param bytesPerToken of each mechanism's cache
 */
record DepthCurves(
    List<Integer> depths,
    List<String> mechanisms,
    List<List<Double>> rates,
    List<Long> bytesPerToken,
    String backend,
    int repetitions) {
  static final List<Integer> DEPTHS = List.of(0, 1024, 2048, 4096, 8192, 16384, 32768);
  static final DType WEIGHTS = DType.BF16;
  static final DType CACHE = DType.BF16;

  private static final int HIDDEN = 2048;
  private static final int HEADS = 16;
  private static final int DIM = 128;
  private static final int STEPS = 4; // tokens of a sample
  private static final long WARM_UP_NANOS = 1_000_000_000;

  /**
   * How much of the model is there.
   *
   * @param width of the feed-forward
   */
  record Slice(int layers, int width, int vocabulary) {
    /** Four of 27 layers; six routed experts and two shared ones. */
    static final Slice FOUR = new Slice(4, 8 * 1408, 15_168);
  }

  private record Subject(String name, Workbench bench, long bytesPerToken) {
    /** Tokens a second, of some that follow each other. */
    double rate(int depth) {
      long start = System.nanoTime();
      for (int i = 0; i < STEPS; i++) {
        bench.step(List.of(new Workbench.Chunk(0, new int[] {7 + i}, depth + i, false)));
      }
      return STEPS / ((System.nanoTime() - start) / 1e9);
    }
  }

  static int samples(List<Integer> depths, int repetitions) {
    return depths.size() * repetitions;
  }

  /**
   * Measures.
   *
   * @param done told how many of {@link #samples} are
   */
  static DepthCurves measure(Slice slice, List<Integer> depths, int repetitions, IntConsumer done) {
    int context = depths.stream().mapToInt(d -> d).max().orElse(0) + STEPS;
    List<Subject> subjects = new ArrayList<>();
    try {
      for (AttentionConfig attention : attentions()) {
        subjects.add(subject(slice, attention, context));
      }
      for (Subject s : subjects) {
        long until = System.nanoTime() + WARM_UP_NANOS;
        do {
          s.rate(context / 2);
        } while (System.nanoTime() < until);
      }
      return measure(depths, repetitions, subjects, done);
    } finally {
      subjects.forEach(s -> s.bench().close());
    }
  }

  private static DepthCurves measure(
      List<Integer> depths, int repetitions, List<Subject> subjects, IntConsumer done) {
    double[][][] samples = new double[subjects.size()][depths.size()][repetitions];
    int count = 0;
    for (int r = 0; r < repetitions; r++) {
      for (int d = 0; d < depths.size(); d++) {
        for (int s = 0; s < samples.length; s++) {
          samples[s][d][r] = subjects.get(s).rate(depths.get(d));
        }
        done.accept(++count);
      }
    }
    List<List<Double>> rates = new ArrayList<>();
    for (double[][] of : samples) {
      rates.add(Arrays.stream(of).map(DepthCurves::median).toList());
    }
    return new DepthCurves(
        List.copyOf(depths),
        subjects.stream().map(Subject::name).toList(),
        rates,
        subjects.stream().map(Subject::bytesPerToken).toList(),
        subjects.getFirst().bench().backend().description(),
        repetitions);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new BenchMeasurement.Rates(sorted).median();
  }

  private static Subject subject(Slice slice, AttentionConfig attention, int context) {
    ModelConfig config = config(slice, attention, context);
    Workbench bench = Workbench.random(config, WEIGHTS, CACHE, new Workbench.Room(1, context, 1));
    bench.scatter(0, new SplittableRandom(1));
    return new Subject(attention.mechanism(), bench, config.kvBytesPerToken(CACHE));
  }

  private static ModelConfig config(Slice slice, AttentionConfig attention, int context) {
    LayerConfig layer =
        new LayerConfig(
            attention,
            new FeedForwardConfig.Gated(slice.width(), false),
            LayerConfig.Residual.SEQUENTIAL);
    ModelConfig like = Planning.ofShape("deepseek-v2-lite").model().config();
    return new ModelConfig(
        "slice of deepseek-v2-lite",
        slice.vocabulary(),
        HIDDEN,
        Math.max(context, like.maxPositions()),
        like.norm(),
        false,
        false,
        Collections.nCopies(slice.layers(), layer));
  }

  private static List<AttentionConfig> attentions() {
    Latent latent =
        new Latent(
            HEADS,
            768,
            512,
            DIM,
            64,
            DIM,
            new RopeConfig.Plain(10_000),
            RopeStyle.INTERLEAVED,
            (float) (1 / Math.sqrt(DIM + 64)),
            1e-6f,
            null);
    SparseLatent.Indexer indexer =
        new SparseLatent.Indexer(64, 128, 2048, 64, RopeStyle.HALVES, IndexPrecision.F8);
    return List.of(
        grouped(HEADS), grouped(8), grouped(1), latent, new SparseLatent(latent, indexer, false));
  }

  private static GroupedQuery grouped(int kvHeads) {
    return new GroupedQuery(
        HEADS,
        kvHeads,
        DIM,
        new RopeConfig.Plain(10_000),
        RopeStyle.HALVES,
        DIM,
        0,
        0,
        false,
        false);
  }
}
