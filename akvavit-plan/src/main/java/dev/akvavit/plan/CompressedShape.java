package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * DeepSeek-V4's graph, as its published code and report (arXiv 2606.19348) describe it: every layer
 * attends a sliding window, most also learned summaries of 4 tokens (CSA, chosen by an indexer) or
 * of many (HCA, all of them). One row serves as key and value of all heads.
 *
 * @param ratios tokens that one entry sums up, a layer each; 0 for the window alone
 * @param streams copies of the residual that layers mix
 */
public record CompressedShape(
    String modelType,
    int maxPositions,
    int hidden,
    int vocabulary,
    List<Integer> ratios,
    Attention attention,
    Experts experts,
    int streams)
    implements PlannedShape {
  /** Entries of so many tokens overlap, and an indexer chooses among them. */
  private static final int OVERLAPPING = 4;

  private static final int SCALED_TOGETHER = 64;

  /** Widths of all layers' attention. */
  public record Attention(
      int heads,
      int headDim,
      int ropeDim,
      int window,
      int queryRank,
      int outputGroups,
      int outputRank,
      int indexHeads,
      int indexDim,
      int indexTop) {

    /**
     * As FlashMLA keeps it: e4m3, the rotated part in BF16, a byte of scale for each 64 and pad.
     */
    long entryBytes() {
      int plain = headDim - ropeDim;
      return plain + DType.BF16.bytes(ropeDim) + Math.ceilDiv(plain, SCALED_TOGETHER) + 1;
    }

    long windowRowBytes() {
      return DType.BF16.bytes(headDim);
    }

    long indexKeyBytes() {
      return DType.MXFP4.bytes(indexDim);
    }
  }

  /** Widths of all layers' feed-forward. */
  public record Experts(int routed, int shared, int used, int width) {}

  public CompressedShape {
    ratios = List.copyOf(ratios);
    if (ratios.stream().anyMatch(r -> r < 0)) {
      throw new IllegalArgumentException(
          "compress_ratios: found " + ratios + ", allowed: 0, or tokens an entry sums up");
    }
  }

  @Override
  public long lookedUp() {
    return (long) vocabulary * hidden;
  }

  /** As published kernels keep it, whatever {@code cacheTypes} say. */
  @Override
  public List<CacheRow> cache(CacheTypes cacheTypes) {
    List<CacheRow> rows = new ArrayList<>();
    Attention a = attention;
    for (int ratio : compressed()) {
      int layers = layers(ratio);
      String shape = a.headDim + " every " + ratio;
      double each = (double) a.entryBytes() / ratio * layers;
      rows.add(
          derived(
              kind(ratio),
              kind(ratio) + " entries",
              shape,
              "FP8",
              layers,
              0,
              each,
              Formula.CACHE_ENTRIES));
      if (ratio == OVERLAPPING) {
        String keys = a.indexDim + " every " + ratio;
        double key = (double) a.indexKeyBytes() / ratio * layers;
        rows.add(
            derived(kind(ratio), "index keys", keys, "FP4", layers, 0, key, Formula.CACHE_FP4));
      }
    }
    String ring = a.window + " x " + a.headDim;
    long window = a.windowRowBytes() * a.window * ratios.size();
    rows.add(
        derived("all", "window", ring, "BF16", ratios.size(), window, 0, Formula.CACHE_WINDOW));
    for (int ratio : compressed()) {
      int layers = layers(ratio);
      String state = String.format(Locale.ROOT, "2 x %,d", stateElements(ratio) / 2);
      long bytes = DType.F32.bytes(stateElements(ratio)) * layers;
      rows.add(
          derived(
              kind(ratio),
              kind(ratio) + " state",
              state,
              "F32",
              layers,
              bytes,
              0,
              Formula.CACHE_STATE));
    }
    return List.copyOf(rows);
  }

  private static CacheRow derived(
      String kind,
      String plane,
      String shape,
      String type,
      int layers,
      long perUser,
      double perToken,
      Formula rule) {
    return new CacheRow(
        kind, plane, shape, type, layers, perUser, perToken, Certainty.DERIVED, rule);
  }

  /** Values and gates of tokens that no entry sums up yet; of overlapping ones the block before. */
  private long stateElements(int ratio) {
    return ratio == OVERLAPPING
        ? 2L * 2 * ratio * 2 * (attention.headDim + attention.indexDim)
        : 2L * ratio * attention.headDim;
  }

  /** Ratios that there are, smallest first. */
  private List<Integer> compressed() {
    return ratios.stream().filter(r -> r > 0).distinct().sorted().toList();
  }

  private int layers(int ratio) {
    return (int) ratios.stream().filter(r -> r == ratio).count();
  }

  private static String kind(int ratio) {
    return ratio == OVERLAPPING ? "CSA" : "HCA";
  }

  /** What a generated token costs, window and entries of each layer apart. */
  List<AttentionCost> costs() {
    Attention a = attention;
    long flops = 4L * a.heads * a.headDim; // scores, then the sum of the same rows
    List<AttentionCost> costs = new ArrayList<>();
    for (int ratio : ratios) {
      costs.add(new AttentionCost(0, a.windowRowBytes(), flops, a.window, 1, 0, 0));
      if (ratio == OVERLAPPING) {
        double cached = (double) (a.entryBytes() + a.indexKeyBytes()) / ratio;
        long scan = 2L * a.indexHeads * a.indexDim;
        costs.add(
            new AttentionCost(
                cached, a.entryBytes(), flops, a.indexTop, ratio, a.indexKeyBytes(), scan));
      } else if (ratio > 0) {
        double cached = (double) a.entryBytes() / ratio;
        costs.add(new AttentionCost(cached, a.entryBytes(), flops, 0, ratio, 0, 0));
      }
    }
    return List.copyOf(costs);
  }

  /** Counted from the shapes of the published tensors; the block that predicts further is left. */
  public Parameters parameters() {
    long layers = ratios.size();
    long mixing = (2L + streams) * streams; // pre, post and the matrix of the streams
    long mixed = 2 * (mixing * streams * hidden + mixing + 3);
    long expert = 3L * hidden * experts.width;
    long attended = ratios.stream().mapToLong(this::attentionParameters).sum();
    long head = (long) streams * streams * hidden + streams + 1 + hidden;
    return new Parameters(
        2L * vocabulary * hidden,
        attended + layers * hidden,
        layers * (mixed + hidden + (hidden + 1L) * experts.routed) + head,
        layers * experts.shared * expert,
        layers * experts.routed * expert,
        layers * experts.used * expert);
  }

  private long attentionParameters(int ratio) {
    Attention a = attention;
    long queries = (long) a.queryRank * hidden + a.queryRank + wide(a.queryRank);
    long rows = (long) a.headDim * hidden + a.headDim;
    long inner = (long) a.outputGroups * a.outputRank;
    long output = wide(a.outputRank) + inner * hidden;
    long own = queries + rows + output + a.heads;
    if (ratio == 0) {
      return own;
    }
    if (ratio != OVERLAPPING) {
      return own + compressor(a.headDim, a.headDim, ratio);
    }
    long indexQueries =
        (long) a.indexHeads * a.indexDim * a.queryRank + (long) a.indexHeads * hidden;
    return own
        + compressor(a.headDim, 2 * a.headDim, ratio)
        + indexQueries
        + compressor(a.indexDim, 2 * a.indexDim, ratio);
  }

  /** All heads' widths from or to a rank. */
  private long wide(int rank) {
    return (long) attention.heads * attention.headDim * rank;
  }

  /** Values, gates, positions within a block, and a norm. */
  private long compressor(int dim, int width, int ratio) {
    return 2L * width * hidden + (long) ratio * width + dim;
  }

  /** The widest rows of the published code, each once, as a decoder of this engine would. */
  @Override
  public long activationElements() {
    Attention a = attention;
    long residual = (streams + 3L) * hidden;
    long attending =
        a.queryRank
            + 2L * a.heads * a.headDim
            + a.headDim
            + (long) a.outputGroups * a.outputRank
            + 4L * (a.headDim + a.indexDim);
    long indexing = (long) a.indexHeads * (a.indexDim + 1) + a.indexDim;
    return residual + attending + indexing + experts.routed + 2L * experts.shared * experts.width;
  }

  @Override
  public long logitElements() {
    return (long) hidden + vocabulary;
  }

  @Override
  public long choicesPerToken() {
    return attention.indexTop + 2L * experts.used * ratios.size();
  }

  @Override
  public boolean isComputed() {
    return false;
  }

  @Override
  public List<String> notes() {
    return List.of(
        "This engine does not run "
            + modelType
            + ": its figures are derived from the published code and not allocated here.",
        "The cache is a line over the context: window and compressor state of each user, then"
            + " entries and index keys. They are laid out as FlashMLA keeps them, whatever"
            + " --kv-type and --index-precision say.",
        "No other attention is set beside it: heads this wide share one row as key and value,"
            + " and no MHA, GQA or MLA model would have them.");
  }
}
