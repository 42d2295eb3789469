package dev.akvavit.cli;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The hot operations of a backend, each alone and at a size that matters, with the least share of
 * the machine's limit that it must reach. A kernel that the compiler got right lies three times
 * above its floor or more; one whose vectors became objects lies five to fifty times lower. A new
 * kernel is a line in one of the tables, or a new table.
 */
final class KernelProbes implements AutoCloseable {
  /** What a kernel cannot be faster than. */
  enum Limit {
    READS,
    F32
  }

  /**
   * One operation.
   *
   * @param work bytes or operations of a run
   * @param floor least share of the limit
   */
  record Probe(String name, Limit limit, double work, double floor, Runnable run) {}

  /** Floors of products with matrices so stored: of one vector by bytes, of many by operations. */
  private record Stored(DType type, double vector, double matrix) {}

  private static final List<Stored> STORED =
      List.of(
          new Stored(DType.F32, 0.20, 0.08),
          new Stored(DType.BF16, 0.14, 0.08),
          new Stored(DType.F16, 0.12, 0.08),
          new Stored(DType.F8_E4M3, 0.03, 0.08),
          new Stored(DType.Q8_0, 0.10, 0.08),
          new Stored(DType.Q4_0, 0.05, 0.08),
          new Stored(DType.Q4_K, 0.015, 0.08),
          new Stored(DType.Q6_K, 0.02, 0.08),
          new Stored(DType.MXFP4, 0.002, 0.04));

  /**
   * The same where inputs are rounded to bytes and the processor multiplies those: above what the
   * loops over F32 reach, those of the Vector API in products with many vectors.
   */
  private static final List<Stored> STORED_BY_BYTES =
      List.of(
          new Stored(DType.Q8_0, 0.40, 0.60),
          new Stored(DType.Q4_0, 0.30, 0.60),
          new Stored(DType.Q4_K, 0.30, 0.55),
          new Stored(DType.Q6_K, 0.25, 0.50),
          new Stored(DType.MXFP4, 0.25, 0.60));

  /** Floors of attention over caches so stored: for a generated token, and for a prompt. */
  private record Cached(DType type, double token, double prompt) {}

  private static final List<Cached> CACHED =
      List.of(new Cached(DType.F32, 0.02, 0.02), new Cached(DType.BF16, 0.02, 0.02));

  private static final int OUT = 4096;
  private static final int IN = 2048;
  private static final int TOKENS = 128;
  private static final int DEPTH = 2048;
  private static final int PAGE = 32;
  private static final int FACTORS = 128;
  private static final byte SOME = 0x11; // small normal numbers in every type
  private static final int ROUTED = 8;

  private final Backend backend;
  private final Ops ops;
  private final Arena arena = Arena.ofShared();
  private final List<Probe> all = new ArrayList<>();

  private KernelProbes(Backend backend) {
    this.backend = backend;
    ops = backend.ops();
  }

  /** Everything but {@link #productsOf}. */
  static KernelProbes others(Backend backend) {
    KernelProbes probes = new KernelProbes(backend);
    probes.addOthers();
    return probes;
  }

  /**
   * Products with every type of weights before which a backend rounds the inputs so.
   *
   * @param fastBytes whether this processor multiplies bytes: elsewhere rounding to them is slow,
   *     and nobody should
   */
  static KernelProbes productsOf(Backend backend, ActivationPrecision inputs, boolean fastBytes) {
    KernelProbes probes = new KernelProbes(backend);
    List<Stored> rounded =
        switch (inputs) {
          case INT8 -> fastBytes ? STORED_BY_BYTES : List.of();
          case BF16 -> STORED.stream().filter(s -> s.type() == DType.BF16).toList();
          case F32, AUTO -> STORED;
        };
    rounded.forEach(stored -> probes.products(stored, stored.type() + " by " + inputs));
    return probes;
  }

  private void addOthers() {
    CACHED.forEach(this::attention);
    CACHED.forEach(this::latentAttention);
    indexer();
    experts();
    rows();
  }

  List<Probe> all() {
    return List.copyOf(all);
  }

  private void add(String name, Limit limit, double work, double floor, Runnable run) {
    all.add(new Probe(name, limit, work, floor, run));
  }

  private void products(Stored stored, String types) {
    Weight w = weight(stored.type(), OUT, IN);
    Tensor x = tensor(1, 1, IN);
    Tensor y = tensor(1, 1, OUT);
    double bytes = stored.type().bytes((long) OUT * IN);
    add(
        "product with a vector, " + types,
        Limit.READS,
        bytes,
        stored.vector(),
        () -> ops.matmul(y, x, w));
    Weight fewer = w.rows(0, OUT / 4);
    Tensor many = tensor(TOKENS, 1, IN);
    Tensor results = tensor(TOKENS, 1, OUT / 4);
    add(
        "product with " + TOKENS + " vectors, " + types,
        Limit.F32,
        2.0 * TOKENS * fewer.elements(),
        stored.matrix(),
        () -> ops.matmul(results, many, fewer));
  }

  /** Llama-3.2-1B's: 32 heads of 64 over 8. */
  private void attention(Cached cached) {
    int heads = 32;
    int dim = 64;
    KvCache cache = cache(plane("keys", 8, dim, cached), plane("values", 8, dim, cached));
    for (int tokens : new int[] {1, TOKENS}) {
      Tensor q = tensor(tokens, heads, dim);
      Tensor out = tensor(tokens, heads, dim);
      Batch batch = batch(tokens);
      add(
          what(tokens) + " over grouped heads, cache " + cached.type(),
          Limit.F32,
          4.0 * heads * dim * DEPTH * tokens,
          tokens == 1 ? cached.token() : cached.prompt(),
          () -> ops.attend(out, q, cache.plane(0, 0), cache.plane(0, 1), batch, 0.125f, 0));
    }
  }

  /** DeepSeek-V2-Lite's: 16 heads, latents of 512 and a rotated part of 64. */
  private void latentAttention(Cached cached) {
    int heads = 16;
    int rank = 512;
    int rope = 64;
    int dim = 128;
    Tensor latents = cache(plane("latent", 1, rank + rope, cached)).plane(0, 0);
    Tensor values = latents.slice(0, rank);
    Tensor q = tensor(1, heads, rank + rope);
    Tensor out = tensor(1, heads, rank);
    Batch one = batch(1);
    add(
        "a token over latents, cache " + cached.type(),
        Limit.F32,
        2.0 * heads * (2 * rank + rope) * DEPTH,
        5 * cached.token(),
        () -> ops.attend(out, q, latents, values, one, 0.1f, 0));
    Weight wUK = weight(DType.BF16, heads * dim, rank).split(heads);
    Weight wUV = weight(DType.BF16, heads * dim, rank).split(heads);
    Tensor prompt = tensor(TOKENS, heads, dim + rope);
    Tensor promptOut = tensor(TOKENS, heads, dim);
    Batch many = batch(TOKENS);
    add(
        "a prompt over expanded latents, cache " + cached.type(),
        Limit.F32,
        2.0 * heads * (2 * dim + rope) * DEPTH * TOKENS,
        cached.prompt() / 2, // expanding is not counted
        () -> ops.attendExpanded(promptOut, prompt, latents, wUK, wUV, many, 0.1f));
  }

  /** DeepSeek-V3.2's: 64 heads of 128, a quarter of the context chosen. */
  private void indexer() {
    int heads = 64;
    int dim = 128;
    int rank = 512;
    Tensor keys = cache(new KvLayout.Plane("index keys", 1, dim, DType.F32)).plane(0, 0);
    Tensor latents = cache(new KvLayout.Plane("latent", 1, rank, DType.F32)).plane(0, 0);
    Tensor q = tensor(1, heads, dim);
    Tensor weights = tensor(1, 1, heads);
    Selection chosen = backend.selection(q.extent(), DEPTH / 4);
    Batch one = batch(1);
    add(
        "a token's choice among index keys",
        Limit.F32,
        2.0 * heads * dim * DEPTH,
        0.10,
        () -> ops.select(chosen, q, weights, keys, null, one));
    Tensor latentQuery = tensor(1, 16, rank);
    Tensor out = tensor(1, 16, rank);
    add(
        "a token over chosen latents",
        Limit.F32,
        4.0 * 16 * rank * DEPTH / 4,
        0.10,
        () -> ops.attend(out, latentQuery, latents, latents, one, 0.1f, chosen));
  }

  /** V2-Lite's widths, fewer experts. */
  private void experts() {
    int width = 1408;
    List<Weight> gate = new ArrayList<>();
    List<Weight> down = new ArrayList<>();
    for (int e = 0; e < ROUTED; e++) {
      gate.add(weight(DType.BF16, width, IN));
      down.add(weight(DType.BF16, IN, width));
    }
    ExpertWeights weights = new ExpertWeights(gate, gate, down);
    RouterConfig rule =
        new RouterConfig(
            ROUTED, 2, RouterConfig.Scoring.SOFTMAX, 1, 1, RouterConfig.GroupScore.MAX, false, 1);
    for (int tokens : new int[] {1, TOKENS}) {
      Tensor x = tensor(tokens, 1, IN);
      Tensor out = tensor(tokens, 1, IN);
      Tensor logits = tensor(tokens, 1, ROUTED);
      Routing routing = backend.routing(x.extent(), ROUTED, 2);
      double parameters = 2 * 3.0 * width * IN;
      add(
          what(tokens) + " through 2 of " + ROUTED + " experts, BF16",
          tokens == 1 ? Limit.READS : Limit.F32,
          tokens == 1 ? 2 * parameters : 2 * parameters * tokens,
          tokens == 1 ? 0.10 : 0.06,
          () -> {
            ops.route(routing, logits, null, rule);
            ops.experts(out, x, weights, routing);
          });
    }
  }

  /** What goes row by row, between products. */
  private void rows() {
    Tensor x = tensor(TOKENS, 1, IN);
    Tensor y = tensor(TOKENS, 1, IN);
    Tensor heads = tensor(TOKENS, 32, 64);
    Weight gain = Weight.vector("gain", IN, weight(DType.F32, 1, IN).data());
    Batch batch = batch(TOKENS);
    float[] frequencies = new float[32];
    Rope rope = new Rope(RopeStyle.HALVES, frequencies, 1);
    double bytes = 4.0 * TOKENS * IN;
    add("RMS norm", Limit.READS, bytes, 0.08, () -> ops.rmsNorm(y, x, gain, 1e-5f));
    add("SwiGLU", Limit.READS, 2 * bytes, 0.10, () -> ops.swiglu(y, y, x));
    add("sum of rows", Limit.READS, 2 * bytes, 0.20, () -> ops.add(y, x));
    add("rotation", Limit.READS, bytes, 0.04, () -> ops.rope(heads, rope, batch));
  }

  private static String what(int tokens) {
    return tokens == 1 ? "a token" : tokens + " tokens";
  }

  private static KvLayout.Plane plane(String name, int heads, int dim, Cached cached) {
    return new KvLayout.Plane(name, heads, dim, cached.type());
  }

  private KvCache cache(KvLayout.Plane... planes) {
    return new KvCache(backend, Collections.singletonList(KvLayout.of(planes)), DEPTH / PAGE, PAGE);
  }

  /** The last tokens of a context of {@value #DEPTH}, on scattered pages. */
  private static Batch batch(int tokens) {
    int pages = DEPTH / PAGE;
    Batch batch = new Batch(tokens, Math.ceilDiv(tokens, PAGE), pages, PAGE);
    int[] table = IntStream.range(0, pages).map(i -> pages - 1 - i).toArray();
    int from = DEPTH - tokens;
    batch.add(new int[DEPTH], from, tokens, from, table, tokens > 1, Batch.Logits.NONE);
    return batch;
  }

  private Tensor tensor(int rows, int heads, int dim) {
    int row = heads * dim;
    return new Tensor(
        backend.allocate(DType.F32.bytes((long) rows * row)),
        DType.F32,
        new Extent(rows),
        0,
        row,
        heads,
        dim,
        dim);
  }

  private Weight weight(DType type, int out, int in) {
    BlockScale scale = null;
    if (type == DType.F8_E4M3) {
      int columns = Math.ceilDiv(in, FACTORS);
      long factors = DType.F32.bytes((long) Math.ceilDiv(out, FACTORS) * columns);
      scale = new BlockScale(backend.place(some(factors)), FACTORS, FACTORS, columns);
    }
    MemorySegment data = some(type.bytes((long) out * in));
    return Weight.dense("probe", type, out, in, backend.place(data), scale);
  }

  private MemorySegment some(long bytes) {
    return arena.allocate(bytes, 64).fill(SOME);
  }

  /** After the backend that reads them. */
  @Override
  public void close() {
    arena.close();
  }
}
