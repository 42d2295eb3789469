package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Workspace;
import dev.akvavit.testkit.RandomWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder with random weights, small enough for thousands of steps a second, over a cache of NaN.
 */
final class TinyModel implements AutoCloseable {
  static final int VOCABULARY = 61;
  static final int PAGE = 4;
  private static final int HIDDEN = 24;
  private static final int TOKENS = 256;
  private static final RopeConfig ROPE = new RopeConfig.Plain(1000);
  private static final RopeConfig YARN = new RopeConfig.Yarn(1000, 4, 16, 32, 1, 1, 1, 0, true);
  private static final FeedForwardConfig DENSE = new FeedForwardConfig.Gated(40, false);

  final ModelConfig config;
  final Decoder decoder;
  final KvCache cache;
  final RandomWeights weights;
  final Batch batch;
  private final Backend backend;
  private final Workspace space;

  TinyModel(ModelConfig config, Backend backend, DType cacheType, int pages, long seed) {
    this(config, backend, CacheTypes.of(cacheType), pages, seed, w -> {});
  }

  /**
   * @param prepare may put tensors of its own
   */
  TinyModel(
      ModelConfig config,
      Backend backend,
      CacheTypes cacheTypes,
      int pages,
      long seed,
      Consumer<RandomWeights> prepare) {
    this.config = config;
    this.backend = backend;
    cache = new KvCache(backend, config.kvLayouts(cacheTypes), pages, PAGE);
    space = new Workspace(backend, TOKENS, TOKENS);
    weights = new RandomWeights(backend, seed);
    prepare.accept(weights);
    batch = new Batch(TOKENS, 64, pages, PAGE);
    decoder = DecoderBuilder.build(config, new WeightNames() {}, weights, backend, cache, space);
    for (int page = 0; page < pages; page++) {
      poison(page);
    }
  }

  /** Every mechanism, by the name that reports use. */
  static Map<String, ModelConfig> mechanisms() {
    Map<String, ModelConfig> all = new LinkedHashMap<>();
    all.put("MHA", model(2, gqa(3, 3, 8, 0, true, 0), DENSE));
    all.put("MQA", model(2, gqa(4, 1, 6, 0, false, 0), DENSE));
    all.put("GQA", model(2, gqa(6, 2, 8, 1e-6f, false, 0), DENSE));
    all.put("window", model(2, gqa(4, 2, 8, 0, false, 5), DENSE));
    all.put("MLA", model(2, latent(0, null), DENSE));
    all.put("DSA", model(2, sparse(5, IndexPrecision.EXACT, false), DENSE));
    all.put("DSA in FP8", model(2, sparse(5, IndexPrecision.F8, false), DENSE));
    all.put("shared DSA", shared());
    all.put("MoE", model(2, latent(10, new Temperature(0.1f, 8)), mixture()));
    return all;
  }

  /** Mechanisms whose rows are whole blocks of 32, rotated parts of their own aside. */
  static Map<String, ModelConfig> inBlocks() {
    Map<String, ModelConfig> all = new LinkedHashMap<>();
    all.put("GQA", model(2, gqa(4, 2, 32, 0, false, 0), DENSE));
    all.put("window", model(2, gqa(4, 2, 64, 1e-6f, false, 5), DENSE));
    Latent latent = new Latent(3, 11, 32, 7, 32, 5, YARN, RopeStyle.INTERLEAVED, 0.2f, 1e-6f, null);
    all.put("MLA", model(2, latent, DENSE));
    SparseLatent.Indexer indexer =
        new SparseLatent.Indexer(5, 32, 5, 32, RopeStyle.HALVES, IndexPrecision.EXACT);
    all.put("DSA", model(2, new SparseLatent(latent, indexer, false), DENSE));
    return all;
  }

  private static ModelConfig shared() {
    return new ModelConfig(
        "tiny",
        VOCABULARY,
        HIDDEN,
        256,
        new NormConfig(NormConfig.Kind.RMS, 1e-6f),
        false,
        false,
        IntStream.range(0, 3)
            .mapToObj(i ->
                new LayerConfig(
                    sparse(5, IndexPrecision.EXACT, i > 0), DENSE, LayerConfig.Residual.SEQUENTIAL))
            .toList());
  }

  static ModelConfig model(int layers, AttentionConfig attention, FeedForwardConfig feedForward) {
    LayerConfig layer = new LayerConfig(attention, feedForward, LayerConfig.Residual.SEQUENTIAL);
    return new ModelConfig(
        "tiny",
        VOCABULARY,
        HIDDEN,
        256,
        new NormConfig(NormConfig.Kind.RMS, 1e-6f),
        false,
        false,
        IntStream.range(0, layers).mapToObj(i -> layer).toList());
  }

  static GroupedQuery gqa(
      int heads, int kvHeads, int headDim, float normEps, boolean bias, int window) {
    return new GroupedQuery(
        heads, kvHeads, headDim, ROPE, RopeStyle.HALVES, headDim, normEps, window, bias, bias);
  }

  static Latent latent(int queryRank, @Nullable Temperature temperature) {
    return new Latent(
        3, queryRank, 12, 7, 6, 5, YARN, RopeStyle.INTERLEAVED, 0.3f, 1e-6f, temperature);
  }

  static SparseLatent sparse(int topK, IndexPrecision precision, boolean shared) {
    return new SparseLatent(
        latent(11, null),
        new SparseLatent.Indexer(5, 8, topK, 6, RopeStyle.HALVES, precision),
        shared);
  }

  static FeedForwardConfig mixture() {
    return new FeedForwardConfig.MixtureOfExperts(
        new RouterConfig(
            12, 4, RouterConfig.Scoring.SIGMOID, 4, 2, RouterConfig.GroupScore.TOP_TWO, true, 2.5f),
        10,
        14,
        true);
  }

  /** Adds a chunk to the batch of the next {@link #run}. */
  void add(int[] ids, int cached, int count, int[] pages, boolean prompt, Batch.Logits wanted) {
    batch.add(ids, cached, count, cached, pages, prompt, wanted);
  }

  /** Runs the batch; logits by row of the step. */
  List<float[]> run() {
    decoder.forward(batch);
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < batch.logits(); i++) {
      float[] row = new float[VOCABULARY];
      decoder.logits(i, row);
      rows.add(row);
    }
    return rows;
  }

  /** Fills a page with NaN in every plane: what no sequence owns must not be read. */
  void poison(int page) {
    Batch rows = new Batch(PAGE, 1, page + 1, PAGE);
    int[] pages = new int[page + 1];
    pages[0] = page;
    rows.add(new int[PAGE], 0, PAGE, 0, pages, true, Batch.Logits.NONE);
    space.begin(rows);
    for (int layer = 0; layer < config.layers().size(); layer++) {
      for (int plane = 0; plane < cache.layout(layer).planes().size(); plane++) {
        Tensor cached = cache.plane(layer, plane);
        if (cached.dtype() == DType.F8_E4M3) {
          continue; // its factors are NaN then, and so is all they multiply
        }
        Tensor nan = space.tensor("nan", cached.heads(), cached.dim());
        backend.ops().embed(whole(nan), nan(cached.heads() * cached.dim()), rows);
        backend.ops().store(cached, nan, rows);
      }
    }
  }

  private Weight nan(int width) {
    String name = "nan" + width;
    float[] row = new float[width];
    Arrays.fill(row, Float.NaN);
    weights.put(name, row);
    return weights.matrix(name, 1, width);
  }

  /** All heads as one. */
  private static Tensor whole(Tensor t) {
    int width = t.heads() * t.dim();
    return new Tensor(
        t.buffer(), t.dtype(), t.extent(), t.offset(), t.rowStride(), 1, width, width);
  }

  static int[] randomIds(int count, Random random) {
    return random.ints(count, 0, VOCABULARY).toArray();
  }

  @Override
  public void close() {
    cache.close();
  }
}
