package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * DeepSeek's lightning indexer (V3.2-Exp, section 2.1): {@code I(t,s) = sum_j w(t,j) relu(q(t,j) .
 * k(s))}, then the positions with the largest scores.
 *
 * <p>Scores of a few tokens at a time are kept whole; a token and {@link #RANGE} positions are one
 * item, so that a single token with a long context uses every worker.
 */
final class LightningIndexer {
  private static final Kernels K = Lanes.KERNELS;
  private static final int BLOCK = SoftmaxRows.BLOCK;

  /** Positions an item scores. */
  private static final int RANGE = 1024;

  /** Scores kept at a time; at least one token's. */
  private static final int KEPT = 1 << 20;

  private final Workers workers;
  private final Scratch[] scratch;
  private final TopK[] topK;
  private final Workers.Task score = this::score;
  private final Workers.Task choose = this::choose;
  private CpuSelection out;
  private Tensor q;
  private Tensor headWeights;
  private Tensor keys;
  private @Nullable Tensor scales;
  private Batch batch;
  private int[] order = {};
  private float[] scores = {};
  private int first;
  private int stride;
  private int ranges;

  LightningIndexer(
      Workers workers, Scratch[] scratch, CpuSelection nothing, Tensor none, Batch empty) {
    this.workers = workers;
    this.scratch = scratch;
    out = nothing;
    q = headWeights = keys = none;
    batch = empty;
    topK = new TopK[workers.threads()];
    for (int i = 0; i < topK.length; i++) {
      topK[i] = new TopK();
    }
  }

  void run(
      CpuSelection out,
      Tensor q,
      Tensor headWeights,
      Tensor keys,
      @Nullable Tensor scales,
      Batch batch) {
    this.out = out;
    this.q = q;
    this.headWeights = headWeights;
    this.keys = keys;
    this.scales = scales;
    this.batch = batch;
    order = Matmul.ascending(order, q.heads());
    int rows = q.rows();
    int longest = 0;
    for (int row = 0; row < rows; row++) {
      longest = Math.max(longest, context(row));
    }
    ranges = Math.ceilDiv(longest, RANGE);
    stride = ranges * RANGE;
    int together = Math.clamp(KEPT / Math.max(1, stride), 1, Math.max(1, rows));
    if (longest > out.limit()) {
      scores = Scratch.atLeast(scores, together * stride);
    }
    for (first = 0; first < rows; first += together) {
      int n = Math.min(together, rows - first);
      if (longest > out.limit()) {
        workers.run(score, n * ranges, 1);
      }
      workers.run(choose, n, Math.max(1, 4096 / Math.max(1, longest)));
    }
  }

  private int token(int row) {
    return q.extent().first() + row;
  }

  private int context(int row) {
    return batch.positions[token(row)] + 1;
  }

  private void score(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int width = K.padded(q.dim());
    int heads = q.heads();
    s.vectors.begin(heads, 1, q.dim());
    s.column = Scratch.atLeast(s.column, heads);
    s.keys = Scratch.atLeast(s.keys, BLOCK * width);
    s.results = Scratch.atLeast(s.results, heads * BLOCK);
    for (int item = from; item < to; item++) {
      int row = first + item / ranges;
      int start = item % ranges * RANGE;
      int end = Math.min(context(row), start + RANGE);
      if (context(row) <= out.limit() || start >= end) {
        continue;
      }
      Rows.pack(headWeights, row, s.column, 0, headWeights.heads() * headWeights.dim());
      int at = (row - first) * stride;
      TileRows tiles = s.tiles;
      if (tiles != null && TileRows.scores(q, keys)) {
        scoreTiles(tiles, s.column, row, start, end, at);
        continue;
      }
      for (int h = 0; h < heads; h++) {
        Rows.packHead(q, row, h, s.vectors.values, s.vectors.at(h, 0), width);
      }
      for (int p = start; p < end; p += BLOCK) {
        scoreBlock(s, batch.sequenceOf[token(row)], p, Math.min(BLOCK, end - p), width, at + p);
      }
    }
  }

  private void scoreTiles(TileRows tiles, float[] weights, int row, int start, int end, int at) {
    int sequence = batch.sequenceOf[token(row)];
    tiles.beginIndex(q, row, keys, weights);
    for (int p = start; p < end; p += TileRows.BLOCK) {
      tiles.index(keys, batch, sequence, p, Math.min(TileRows.BLOCK, end - p), scores, at + p);
    }
    applyFactors(sequence, start, end - start, at + start);
  }

  private void scoreBlock(Scratch s, int sequence, int position, int n, int width, int at) {
    int heads = q.heads();
    for (int j = 0; j < n; j++) {
      Rows.cached(keys, batch.slot(sequence, position + j), 0, s.keys, j * width, width);
    }
    Arrays.fill(s.keys, n * width, BLOCK * width, 0);
    RowBlock.products(s.keys, 0, width, BLOCK, s.vectors, 0, order, 0, heads, s, s.results, BLOCK);
    Arrays.fill(scores, at, at + BLOCK, 0);
    for (int h = 0; h < heads; h++) {
      K.addRelu(scores, at, s.results, h * BLOCK, s.column[h], BLOCK);
    }
    applyFactors(sequence, position, n, at);
  }

  private void applyFactors(int sequence, int position, int n, int at) {
    Tensor factors = scales;
    if (factors == null) {
      return;
    }
    MemorySegment from = CpuBuffer.of(factors);
    for (int j = 0; j < n; ) {
      int slot = batch.slot(sequence, position + j);
      int end = Math.min(n, j + batch.pageSize - slot % batch.pageSize);
      for (long offset = CpuBuffer.cachedAt(factors, slot, 0); j < end; j++) {
        scores[at + j] *= from.get(JAVA_FLOAT_UNALIGNED, offset);
        offset += (long) Float.BYTES * factors.rowStride();
      }
    }
  }

  private void choose(int from, int to, int worker) {
    int limit = out.limit();
    for (int i = from; i < to; i++) {
      int row = first + i;
      int context = context(row);
      int at = token(row) * limit;
      if (context <= limit) {
        for (int p = 0; p < context; p++) {
          out.positions[at + p] = p;
        }
        out.counts[token(row)] = context;
      } else {
        topK[worker].choose(scores, i * stride, context, limit, out.positions, at);
        out.counts[token(row)] = limit;
      }
    }
  }
}
