package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.Arrays;

/**
 * MLA in its expanded form (DeepSeek-V2, section 2.1.2): each worker takes one head of one
 * sequence, makes that head's keys and values from 64 latents at a time, and shows them to all of
 * the sequence's new tokens.
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

  /** W_UK of a head, row by row, also where the file has it column by column. */
  private void widenKeys(Scratch s, int head, int rankWidth) {
    int nope = wUK.out();
    if (!wUK.transposed()) {
      for (int r = 0; r < nope; r++) {
        Rows.stored(wUK, head * nope + r, 0, wUK.in(), s.weights, r * rankWidth, rankWidth);
      }
      return;
    }
    Arrays.fill(s.weights, 0, nope * rankWidth, 0);
    s.column = Scratch.atLeast(s.column, nope);
    for (int c = 0; c < wUK.in(); c++) {
      Rows.stored(wUK, head * wUK.in() + c, 0, nope, s.column, 0, nope);
      for (int r = 0; r < nope; r++) {
        s.weights[r * rankWidth + c] = s.column[r];
      }
    }
  }

  private void attend(Scratch s, int first, int end, int head) {
    int keyDim = q.dim();
    int keyWidth = K.padded(keyDim);
    int valueWidth = K.padded(out.dim());
    int nope = wUK.out();
    s.vectors.begin(BLOCK, 1, latents.dim());
    s.keys = Scratch.atLeast(s.keys, BLOCK * keyWidth);
    s.values = Scratch.atLeast(s.values, BLOCK * valueWidth);
    int rankWidth = K.padded(wUK.in());
    s.weights = Scratch.atLeast(s.weights, (nope + wUV.out()) * rankWidth);
    widenKeys(s, head, rankWidth);
    for (int r = 0; r < wUV.out(); r++) {
      Rows.stored(
          wUV, head * wUV.out() + r, 0, wUV.in(), s.weights, (nope + r) * rankWidth, rankWidth);
    }
    SoftmaxRows rows = s.rows;
    rows.begin(end - first, keyDim, out.dim());
    for (int r = 0; r < end - first; r++) {
      Rows.packHead(q, first + r, head, rows.queries, r * keyWidth, keyWidth);
      rows.low[r] = 0;
      rows.high[r] = position(first + r) + 1;
    }
    rows.beginSpan();
    int last = position(end - 1) + 1;
    for (int at = 0; at < last; at += BLOCK) {
      int n = Math.min(BLOCK, last - at);
      expand(s, sequence(first), at, n, rankWidth, keyWidth, valueWidth);
      rows.block(s.keys, keyWidth, s.values, valueWidth, at, n, scale, s.lanes);
    }
    rows.endSpan();
    for (int r = 0; r < end - first; r++) {
      Rows.unpackHead(out, first + r, head, 0, rows.finish(r), r * valueWidth, out.dim());
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
      for (int i = j * keyWidth + nope + rope; i < (j + 1) * keyWidth; i++) {
        s.keys[i] = 0;
      }
      for (int i = rank; i < rankWidth; i++) {
        tile[j * latentWidth + i] =
            0; // the rotated part would meet only zero weights, but may hold infinities
      }
    }
    RowBlock.products(
        s.weights, 0, rankWidth, nope, s.vectors, 0, places, 0, n, s, s.keys, keyWidth);
    int w0 = nope * rankWidth;
    RowBlock.products(
        s.weights, w0, rankWidth, wUV.out(), s.vectors, 0, places, 0, n, s, s.values, valueWidth);
  }
}
