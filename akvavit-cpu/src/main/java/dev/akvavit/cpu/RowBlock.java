package dev.akvavit.cpu;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.DotCall;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Some rows of a matrix times some vectors. Weights are widened once for all vectors, or fused into
 * the product when there are few vectors; either way a product has the same bits.
 */
final class RowBlock {
  private static final Kernels K = Lanes.KERNELS;

  private RowBlock() {}

  /**
   * {@code y[i * stride + r - from] = (w_head x_i)[r]} for rows {@code from .. to} and {@code n}
   * vectors.
   *
   * @param order which vectors: {@code x_i} is row {@code order[first + i]} of the inputs
   */
  static void multiply(
      Weight w,
      int head,
      int from,
      int to,
      Inputs inputs,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    switch (inputs) {
      case FloatInputs x -> exact(w, head, from, to, x, order, first, n, s, y, stride);
      case ByteInputs x -> PanelRows.multiply(w, head, from, to, x, order, first, n, s, y, stride);
      case PairInputs x -> PairRows.multiply(w, head, from, to, x, order, first, n, s, y, stride);
      case RowInputs x -> DecodedRows.multiply(w, head, from, to, x, order, first, n, s, y, stride);
      case TileInputs x -> PairRows.multiply(w, head, from, to, x, n, s, y, stride);
    }
  }

  /** Whether a single vector is multiplied by rows as they are read: many of them cost no room. */
  static boolean streams(Weight w, Inputs inputs, Scratch s) {
    return !w.transposed()
        && switch (inputs) {
          case FloatInputs x ->
              s.machine != null && MachineRows.decodes(w, 1)
                  || K.fuses(w.dtype(), w.in(), blockColumns(w));
          case RowInputs x -> false;
          case ByteInputs x -> true;
          case PairInputs x -> true;
          case TileInputs x -> true;
        };
  }

  private static void exact(
      Weight w,
      int head,
      int from,
      int to,
      FloatInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    DotCall machine = s.machine;
    if (w.transposed()) {
      transposed(w, head, from, to, x, order, first, n, s, y, stride);
    } else if (machine != null && MachineRows.decodes(w, n)) {
      MachineRows.multiply(machine, w, head, from, to, x, order, first, n, s, y, stride);
    } else if (n == 1 && K.fuses(w.dtype(), w.in(), blockColumns(w))) {
      fused(w, head, from, to, x.values, x.at(order[first], head), s, y);
    } else {
      widened(w, head, from, to, x, order, first, n, s, y, stride);
    }
  }

  private static int blockColumns(Weight w) {
    BlockScale scale = w.scale();
    return scale == null ? 0 : scale.blockColumns();
  }

  private static void widened(
      Weight w,
      int head,
      int from,
      int to,
      FloatInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    int in = w.in();
    int padded = K.padded(in);
    int rows = to - from;
    float[] weights = s.weights = Scratch.atLeast(s.weights, rows * padded);
    for (int r = 0; r < rows; r++) {
      Rows.stored(w, head * w.out() + from + r, 0, in, weights, r * padded, padded);
    }
    products(weights, 0, padded, rows, x, head, order, first, n, s, y, stride);
  }

  /**
   * The same for {@code rows} rows already widened at {@code weights[w0..]}, {@code padded} apart.
   */
  static void products(
      float[] weights,
      int w0,
      int padded,
      int rows,
      FloatInputs inputs,
      int head,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    DotCall machine = s.machine;
    if (machine != null) {
      MachineRows.products(
          machine, weights, w0, padded, rows, inputs, head, order, first, n, s, y, stride);
      return;
    }
    float[] x = inputs.values;
    float[] lanes = s.lanes;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      int x0 = inputs.at(order[first + i], head);
      int x1 = inputs.at(order[first + i + 1], head);
      int x2 = inputs.at(order[first + i + 2], head);
      int x3 = inputs.at(order[first + i + 3], head);
      int at = i * stride;
      int r = 0;
      for (; r + 4 <= rows; r += 4, at += 4) {
        K.dots4x4(
            weights,
            w0 + r * padded,
            padded,
            x,
            x0,
            x1,
            x2,
            x3,
            padded,
            y,
            at,
            at + stride,
            at + 2 * stride,
            at + 3 * stride,
            lanes);
      }
      for (; r < rows; r++, at++) {
        y[at] = K.dot(weights, w0 + r * padded, x, x0, padded);
        y[at + stride] = K.dot(weights, w0 + r * padded, x, x1, padded);
        y[at + 2 * stride] = K.dot(weights, w0 + r * padded, x, x2, padded);
        y[at + 3 * stride] = K.dot(weights, w0 + r * padded, x, x3, padded);
      }
    }
    for (; i < n; i++) {
      int xi = inputs.at(order[first + i], head);
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        K.dots4x1(weights, w0 + r * padded, padded, x, xi, padded, y, i * stride + r, lanes);
      }
      for (; r < rows; r++) {
        y[i * stride + r] = K.dot(weights, w0 + r * padded, x, xi, padded);
      }
    }
  }

  private static void fused(
      Weight w, int head, int from, int to, float[] x, int at, Scratch s, float[] y) {
    MemorySegment data = CpuBuffer.of(w.data());
    BlockScale scale = w.dtype() == DType.F8_E4M3 ? w.scale() : null;
    MemorySegment factors = scale == null ? data : CpuBuffer.of(scale.data());
    long[] offsets = s.offsets;
    for (int r = from; r < to; r += 4) {
      int row = Math.min(r, Math.max(from, to - 4)); // the last four rows overlap those before
      for (int i = 0; i < 4; i++) {
        int stored = head * w.out() + Math.min(row + i, to - 1);
        offsets[i] = Rows.offset(w, stored, 0);
        if (scale != null) {
          offsets[4 + i] = 4 * scale.at(w.storedRow(stored), 0);
        }
      }
      K.dots4(
          w.dtype(),
          data,
          offsets,
          factors,
          blockColumns(w),
          x,
          at,
          w.in(),
          y,
          row - from,
          s.lanes);
    }
  }

  /**
   * Stored rows are columns of the matrix: each is added to the results, weighted by its element of
   * the vector.
   */
  private static void transposed(
      Weight w,
      int head,
      int from,
      int to,
      FloatInputs inputs,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    float[] x = inputs.values;
    int in = w.in();
    int width = K.padded(to - from);
    float[] weights = s.weights = Scratch.atLeast(s.weights, in * width);
    for (int c = 0; c < in; c++) {
      Rows.stored(w, head * in + c, from, to - from, weights, c * width, width);
    }
    for (int i = 0; i < n; i++) {
      Arrays.fill(y, i * stride, i * stride + width, 0);
    }
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      int at = i * stride;
      K.weighted4(
          x,
          inputs.at(order[first + i], head),
          inputs.at(order[first + i + 1], head),
          inputs.at(order[first + i + 2], head),
          inputs.at(order[first + i + 3], head),
          weights,
          0,
          width,
          in,
          y,
          at,
          at + stride,
          at + 2 * stride,
          at + 3 * stride,
          width);
    }
    for (; i < n; i++) {
      K.weighted1(
          x, inputs.at(order[first + i], head), weights, 0, width, in, y, i * stride, width);
    }
  }
}
