package dev.akvavit.cpu;

import dev.akvavit.cpu.machine.SumCall;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Online softmax (Milakov and Gimelshein 2018) for a group of query rows over blocks of keys.
 *
 * <p>A row keeps its maximum {@code m}, its sum {@code l} and its weighted values; a block rescales
 * them when the maximum rises. Spans of {@link #SPAN} positions start afresh and are merged in
 * ascending order, so a span may be computed by anyone. A row sees {@code low .. high} of each
 * block: what other rows see changes nothing.
 */
final class SoftmaxRows {
  /** Keys a block: blocks begin at multiples of this. */
  static final int BLOCK = 64;

  /** Positions whose partial result is merged as one: spans begin at multiples of this. */
  static final int SPAN = 1024;

  private static final Kernels K = Lanes.KERNELS;
  private static final int SCORE_STRIDE =
      BLOCK + 32; // room to begin anywhere in a block and overwrite whole vectors

  final @Nullable MachineAttention machine;
  private final int together; // rows scored at once
  private final float[] scores;
  private final int[] from;
  private final int[] to;
  float[] queries = {};
  float[] max = {};
  float[] sum = {};
  float[] values = {};
  private float[] mergedMax = {};
  private float[] mergedSum = {};
  private float[] merged = {};
  int[] low = {};
  int[] high = {};
  int rows;
  int keyWidth;
  int valueWidth;

  SoftmaxRows(@Nullable MachineAttention machine) {
    this.machine = machine;
    together = machine != null ? MachineAttention.MOST_ROWS : 4;
    scores = new float[together * SCORE_STRIDE];
    from = new int[together];
    to = new int[together];
  }

  /**
   * Makes room for {@code rows} queries of padded width {@code keyWidth} and results of {@code
   * valueWidth}.
   */
  void begin(int rows, int keyDim, int valueDim) {
    this.rows = rows;
    keyWidth = K.padded(keyDim);
    valueWidth = K.padded(valueDim);
    queries = Scratch.atLeast(queries, rows * keyWidth);
    max = Scratch.atLeast(max, rows);
    sum = Scratch.atLeast(sum, rows);
    values = Scratch.atLeast(values, Math.ceilDiv(rows, 16) * 16 * valueWidth); // whole tiles
    mergedMax = Scratch.atLeast(mergedMax, rows);
    mergedSum = Scratch.atLeast(mergedSum, rows);
    merged = Scratch.atLeast(merged, rows * valueWidth);
    low = Scratch.atLeast(low, rows);
    high = Scratch.atLeast(high, rows);
    Arrays.fill(mergedSum, 0, rows, 0);
    if (machine != null) {
      machine.widened();
    }
  }

  void beginSpan() {
    Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, rows, 0);
    Arrays.fill(values, 0, rows * valueWidth, 0);
  }

  /**
   * Attends to keys {@code first .. first + n}, {@code n <= BLOCK}, unless those {@link #machine}
   * has listed.
   *
   * @param keys rows {@code keyStride} apart
   * @param v values, {@code valueStride} apart
   */
  void block(
      float[] keys,
      int keyStride,
      float[] v,
      int valueStride,
      int first,
      int n,
      float scale,
      float[] lanes) {
    for (int r = 0; r < rows; r += together) {
      int count = Math.min(together, rows - r);
      boolean any = false;
      boolean same = count == 4;
      for (int i = 0; i < count; i++) {
        from[i] = Math.max(0, low[r + i] - first);
        to[i] = Math.min(n, high[r + i] - first);
        any |= from[i] < to[i];
        same &= from[i] == from[0] && to[i] == to[0];
      }
      if (!any) {
        continue;
      }
      score(keys, keyStride, n, r, count, lanes);
      for (int i = 0; i < count; i++) {
        if (from[i] < to[i]) {
          soften(r + i, i * SCORE_STRIDE + from[i], to[i] - from[i], scale, lanes);
        }
      }
      if (machine != null) {
        weigh(machine, v, valueStride, r, count);
      } else {
        weigh(v, valueStride, r, count, same);
      }
    }
  }

  private void score(float[] keys, int keyStride, int n, int r, int count, float[] lanes) {
    int q = r * keyWidth;
    if (machine != null) {
      machine.score(keys, keyStride, n, queries, q, keyWidth, count, scores, SCORE_STRIDE);
      return;
    }
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      if (count == 4) {
        K.dots4x4(
            keys,
            j * keyStride,
            keyStride,
            queries,
            q,
            q + keyWidth,
            q + 2 * keyWidth,
            q + 3 * keyWidth,
            keyWidth,
            scores,
            j,
            j + SCORE_STRIDE,
            j + 2 * SCORE_STRIDE,
            j + 3 * SCORE_STRIDE,
            lanes);
      } else {
        for (int i = 0; i < count; i++) {
          K.dots4x1(
              keys,
              j * keyStride,
              keyStride,
              queries,
              q + i * keyWidth,
              keyWidth,
              scores,
              j + i * SCORE_STRIDE,
              lanes);
        }
      }
    }
    for (; j < n; j++) {
      for (int i = 0; i < count; i++) {
        scores[j + i * SCORE_STRIDE] =
            K.dot(keys, j * keyStride, queries, q + i * keyWidth, keyWidth);
      }
    }
  }

  /** Turns a row's scores into weights relative to its maximum so far. */
  private void soften(int row, int at, int n, float scale, float[] lanes) {
    float before = max[row];
    float now = Math.max(before, K.scaledMax(scores, at, n, scale));
    float blockSum = K.expSum(scores, at, n, now, lanes);
    if (now != before) {
      float shrink = Exponential.of(before - now);
      sum[row] *= shrink;
      K.scale(values, row * valueWidth, valueWidth, shrink);
      max[row] = now;
    }
    sum[row] += blockSum;
  }

  /** Neighbouring rows that see the same keys go together. */
  private void weigh(MachineAttention machine, float[] v, int stride, int r, int count) {
    for (int i = 0; i < count; ) {
      int end = i + 1;
      while (end < count
          && end - i < SumCall.MOST_SUMS
          && from[end] == from[i]
          && to[end] == to[i]) {
        end++;
      }
      if (from[i] < to[i]) {
        machine.weigh(
            v,
            stride,
            from[i],
            to[i],
            scores,
            i,
            end - i,
            SCORE_STRIDE,
            values,
            (r + i) * valueWidth,
            valueWidth);
      }
      i = end;
    }
  }

  private void weigh(float[] v, int stride, int r, int count, boolean same) {
    int y = r * valueWidth;
    if (same) {
      int s = from[0];
      K.weighted4(
          scores,
          s,
          s + SCORE_STRIDE,
          s + 2 * SCORE_STRIDE,
          s + 3 * SCORE_STRIDE,
          v,
          s * stride,
          stride,
          to[0] - s,
          values,
          y,
          y + valueWidth,
          y + 2 * valueWidth,
          y + 3 * valueWidth,
          valueWidth);
      return;
    }
    for (int i = 0; i < count; i++) {
      if (from[i] < to[i]) {
        K.weighted1(
            scores,
            i * SCORE_STRIDE + from[i],
            v,
            from[i] * stride,
            stride,
            to[i] - from[i],
            values,
            y + i * valueWidth,
            valueWidth);
      }
    }
  }

  /** Adds this span's rows to what was merged before. */
  void endSpan() {
    for (int r = 0; r < rows; r++) {
      merge(r, max[r], sum[r], values, r * valueWidth);
    }
  }

  /** Merges a row's partial result of a later span. */
  void merge(int r, float spanMax, float spanSum, float[] from, int at) {
    if (spanSum == 0) {
      return; // the row saw nothing of the span
    }
    int y = r * valueWidth;
    if (mergedSum[r] == 0) {
      mergedMax[r] = spanMax;
      mergedSum[r] = spanSum;
      System.arraycopy(from, at, merged, y, valueWidth);
      return;
    }
    float now = Math.max(mergedMax[r], spanMax);
    float a = Exponential.of(mergedMax[r] - now);
    float b = Exponential.of(spanMax - now);
    mergedMax[r] = now;
    mergedSum[r] = mergedSum[r] * a + spanSum * b;
    for (int i = 0; i < valueWidth; i++) {
      merged[y + i] = merged[y + i] * a + from[at + i] * b;
    }
  }

  /** The finished row; it begins at {@code r * valueWidth}. */
  float[] finish(int r) {
    K.scale(merged, r * valueWidth, valueWidth, 1 / mergedSum[r]);
    return merged;
  }
}
