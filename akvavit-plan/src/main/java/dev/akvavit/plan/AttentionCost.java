package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;

/**
 * What one generated token costs in one layer's attention, beyond the projections: every row of a
 * scan, and of attended rows as many as the mechanism looks at.
 *
 * @param cachedBytes that a token leaves in the cache, in the mean
 * @param attendedBytes read for each attended row
 * @param attendedFlops for each attended row
 * @param limit attended rows at most: a window or top-k; 0 for all
 * @param stride tokens that one row stands for; 1 unless rows are compressed
 * @param scannedBytes read for every row, to choose those attended
 * @param scannedFlops for every row
 */
public record AttentionCost(
    double cachedBytes,
    long attendedBytes,
    long attendedFlops,
    int limit,
    int stride,
    long scannedBytes,
    long scannedFlops) {

  /** The mechanism's own, with rows kept as {@code types} say; latent attention absorbed. */
  public static AttentionCost of(AttentionConfig config, CacheTypes types) {
    long row = config.kvLayout(types).bytesPerToken();
    return switch (config) {
      case AttentionConfig.GroupedQuery a ->
          new AttentionCost(row, row, 4L * a.heads() * a.headDim(), a.window(), 1, 0, 0);
      case AttentionConfig.Latent a -> new AttentionCost(row, row, absorbedFlops(a), 0, 1, 0, 0);
      case AttentionConfig.SparseLatent a -> {
        long latent = a.latent().kvLayout(types).bytesPerToken();
        yield new AttentionCost(
            row,
            latent,
            absorbedFlops(a.latent()),
            a.indexer().topK(),
            1,
            row - latent,
            a.sharesSelection() ? 0 : scanFlops(a.indexer()));
      }
    };
  }

  /** The same with rows of one type. */
  public static AttentionCost of(AttentionConfig config, DType rows) {
    return of(config, CacheTypes.of(rows));
  }

  /** Scores over the latent and its rotated part, then the sum of latents: 2 H (2 d_c + r). */
  static long absorbedFlops(AttentionConfig.Latent a) {
    return 2L * a.heads() * (2 * a.kvRank() + a.ropeDim());
  }

  /** One dot product an index head: 2 H_I D_I. */
  static long scanFlops(AttentionConfig.SparseLatent.Indexer i) {
    return 2L * i.heads() * i.dim();
  }

  /** Bytes of cached rows for one token at a context. */
  public double bytesRead(int context) {
    return (double) attendedBytes * attended(context) + (double) scannedBytes * rows(context);
  }

  /** Operations for one token at a context. */
  public double flops(int context) {
    return (double) attendedFlops * attended(context) + (double) scannedFlops * rows(context);
  }

  private int attended(int context) {
    return limit == 0 ? rows(context) : Math.min(rows(context), limit);
  }

  private int rows(int context) {
    return context / stride;
  }
}
