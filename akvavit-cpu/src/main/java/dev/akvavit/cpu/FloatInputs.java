package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import java.util.Arrays;

/** F32 vectors, each zero-padded to whole lanes. */
final class FloatInputs implements Inputs {
  private static final Kernels K = Lanes.KERNELS;

  float[] values = {};
  private final boolean narrow;
  private int heads;
  private int stride;

  FloatInputs() {
    this(false);
  }

  /**
   * @param narrow whether values are rounded to BF16
   */
  FloatInputs(boolean narrow) {
    this.narrow = narrow;
  }

  @Override
  public void begin(int rows, int heads, int columns) {
    this.heads = heads;
    stride = K.padded(columns);
    values = Scratch.atLeast(values, rows * heads * stride);
  }

  /** From one vector to the next. */
  int stride() {
    return stride;
  }

  int heads() {
    return heads;
  }

  /** Where a vector begins. */
  int at(int row, int head) {
    return (row * heads + head) * stride;
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    for (int row = from; row < to; row++) {
      if (heads == 1) {
        Rows.pack(x, row, values, at(row, 0), stride);
      } else {
        for (int h = 0; h < heads; h++) {
          Rows.packHead(x, row, h, values, at(row, h), stride);
        }
      }
    }
    narrow(from, to);
  }

  @Override
  public void round(FloatInputs exact, int from, int to, Scratch s) {
    int n = (to - from) * heads * stride;
    System.arraycopy(exact.values, exact.at(from, 0), values, at(from, 0), n);
    narrow(from, to);
  }

  /** A vector, zero-padded to so many elements. */
  void copy(int row, int head, float[] to, int at, int padded) {
    int n = Math.min(stride, padded); // both are beyond the last element
    System.arraycopy(values, at(row, head), to, at, n);
    Arrays.fill(to, at + n, at + padded, 0);
  }

  private void narrow(int from, int to) {
    for (int i = at(from, 0); narrow && i < at(to, 0); i++) {
      values[i] = Float.intBitsToFloat(Narrow.bf16(values[i]) << 16);
    }
  }
}
