package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;

/** F32 vectors, each zero-padded to whole lanes. */
final class FloatInputs implements Inputs {
  private static final Kernels K = Lanes.KERNELS;

  float[] values = {};
  private int heads;
  private int stride;

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
  public void pack(Tensor x, int row, Scratch s) {
    if (heads == 1) {
      Rows.pack(x, row, values, at(row, 0), stride);
      return;
    }
    for (int h = 0; h < heads; h++) {
      Rows.packHead(x, row, h, values, at(row, h), stride);
    }
  }

  @Override
  public void round(FloatInputs exact, int row) {
    System.arraycopy(exact.values, exact.at(row, 0), values, at(row, 0), heads * stride);
  }
}
