package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.Arrays;

/**
 * MLA in its expanded form (DeepSeek-V2, section 2.1.2): each worker takes one head of one
 * sequence, makes that head's keys and values from some latents at a time, and shows them to all of
 * the sequence's new tokens. Latents in BF16 become keys and values in BF16 where attention is
 * rounded.
 */
final class ExpandedAttention implements Workers.Task {
  private static final Kernels K = Lanes.KERNELS;
  private static final int BLOCK = SoftmaxRows.BLOCK;

  private final Workers workers;
  private final Scratch[] scratch;
  private final int[] places = Matmul.ascending(new int[0], BLOCK);
  private Tensor out;
  private Tensor q;
  private Tensor latents;
  private Weight wUK;
  private Weight wUV;
  private Batch batch;
  private float scale;
  private int[] firstRow = {};
  private int sequences;

  ExpandedAttention(Workers workers, Scratch[] scratch, Tensor none, Weight nothing, Batch empty) {
    this.workers = workers;
    this.scratch = scratch;
    out = q = latents = none;
    wUK = wUV = nothing;
    batch = empty;
  }

  void run(Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch batch, float scale) {
    int rows = q.rows();
    if (rows == 0) {
      return;
    }
    this.out = out;
    this.q = q;
    this.latents = latents;
    this.wUK = wUK;
    this.wUV = wUV;
    this.batch = batch;
    this.scale = scale;
    firstRow = Scratch.atLeast(firstRow, rows + 1);
    sequences = 0;
    for (int row = 0; row < rows; row++) {
      if (row == 0 || sequence(row) != sequence(row - 1)) {
        firstRow[sequences++] = row;
      }
    }
    firstRow[sequences] = rows;
    workers.run(this, sequences * q.heads(), 1);
  }

  private int sequence(int row) {
    return batch.sequenceOf[q.extent().first() + row];
  }

  private int position(int row) {
    return batch.positions[q.extent().first() + row];
  }

  @Override
  public void run(int from, int to, int worker) {
    for (int item = from; item < to; item++) {
      attend(
          scratch[worker],
          firstRow[item / q.heads()],
          firstRow[item / q.heads() + 1],
          item % q.heads());
    }
  }

  private void attend(Scratch s, int first, int end, int head) {
    SoftmaxRows rows = s.rows;
    rows.begin(end - first, q.dim(), out.dim());
    for (int r = 0; r < rows.rows; r++) {
      rows.low[r] = 0;
      rows.high[r] = position(first + r) + 1;
    }
    TileRows tiles = s.tiles;
    if (tiles != null && TileRows.expands(latents, wUK, q.dim(), out.dim())) {
      rounded(tiles, s, first, head);
    } else {
      exact(s, first, head);
    }
    rows.endSpan();
    for (int r = 0; r < rows.rows; r++) {
      Rows.unpackHead(out, first + r, head, 0, rows.finish(r), r * rows.valueWidth, out.dim());
    }
  }

  /** In BF16, by machine code. */
  private void rounded(TileRows tiles, Scratch s, int first, int head) {
    SoftmaxRows rows = s.rows;
    int end = rows.high[rows.rows - 1];
    tiles.begin(q, head, first, rows.rows, out.dim());
    tiles.beginSpan();
    s.headKeys.begin(wUK, head, s);
    s.headValues.begin(wUV, head, s);
    for (int at = 0; at < end; at += TileRows.BLOCK) {
      int n = Math.min(TileRows.BLOCK, end - at);
      Slots.of(batch, sequence(first), at, 0, n, s.slots);
      long keys = s.headKeys.expand(latents, s.slots, n, q.dim(), s);
      long values = s.headValues.expand(latents, s.slots, n, out.dim(), s);
      tiles.block(rows, keys, values, at, n, scale);
    }
    tiles.endSpan(rows);
  }

  private void exact(Scratch s, int first, int head) {
    SoftmaxRows rows = s.rows;
    int keyWidth = rows.keyWidth;
    int valueWidth = rows.valueWidth;
    int rankWidth = K.padded(wUK.in());
    s.vectors.begin(BLOCK, 1, latents.dim());
    s.keys = Scratch.atLeast(s.keys, BLOCK * keyWidth);
    s.values = Scratch.atLeast(s.values, BLOCK * valueWidth);
    s.weights = Scratch.atLeast(s.weights, (wUK.out() + wUV.out()) * rankWidth);
    Rows.head(wUK, head, s, 0, rankWidth);
    Rows.head(wUV, head, s, wUK.out() * rankWidth, rankWidth);
    for (int r = 0; r < rows.rows; r++) {
      Rows.packHead(q, first + r, head, rows.queries, r * keyWidth, keyWidth);
    }
    rows.beginSpan();
    int end = rows.high[rows.rows - 1];
    for (int at = 0; at < end; at += BLOCK) {
      int n = Math.min(BLOCK, end - at);
      expand(s, sequence(first), at, n, rankWidth, keyWidth, valueWidth);
      rows.block(s.keys, keyWidth, s.values, valueWidth, at, n, scale, s.lanes);
    }
  }

  /** Keys and values of one head from {@code n} latents. */
  private void expand(
      Scratch s, int sequence, int at, int n, int rankWidth, int keyWidth, int valueWidth) {
    int rank = wUK.in();
    int nope = wUK.out();
    int rope = latents.dim() - rank;
    int latentWidth = s.vectors.stride();
    float[] tile = s.vectors.values;
    for (int j = 0; j < n; j++) {
      Rows.cached(latents, batch.slot(sequence, at + j), 0, tile, j * latentWidth, latentWidth);
      System.arraycopy(tile, j * latentWidth + rank, s.keys, j * keyWidth + nope, rope);
      Arrays.fill(s.keys, j * keyWidth + nope + rope, (j + 1) * keyWidth, 0);
      // the rotated part would meet only zero weights, but may hold infinities
      Arrays.fill(tile, j * latentWidth + rank, j * latentWidth + rankWidth, 0);
    }
    RowBlock.products(
        s.weights, 0, rankWidth, nope, s.vectors, 0, places, 0, n, s, s.keys, keyWidth);
    int w0 = nope * rankWidth;
    RowBlock.products(
        s.weights, w0, rankWidth, wUV.out(), s.vectors, 0, places, 0, n, s, s.values, valueWidth);
  }
}
