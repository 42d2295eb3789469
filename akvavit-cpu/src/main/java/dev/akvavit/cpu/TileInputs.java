package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.PackCall;
import java.lang.foreign.MemorySegment;

/**
 * BF16 vectors, sixteen rows' interleaved by pairs of columns as tiles want them; one row alone in
 * its order.
 */
final class TileInputs implements Inputs {
  private static final int SIDE = PackCall.SIDE;

  private MemorySegment values = MemorySegment.NULL;
  private int heads;
  private int columns;
  private int groups;
  private boolean single;

  @Override
  public void begin(int rows, int heads, int columns) {
    this.heads = heads;
    this.columns = columns;
    single = rows == 1;
    groups = Math.ceilDiv(rows, SIDE);
    values = PairInputs.room(values, groups * heads * bytes());
  }

  /** Of the vectors of one head in sixteen rows. */
  private long bytes() {
    return (long) Short.BYTES * PackCall.padded(columns) * (single ? 1 : SIDE);
  }

  /** Whether there is one row, in its own order. */
  boolean isSingle() {
    return single;
  }

  /** The address of the sixteen rows with this; the next sixteen of the head follow. */
  long at(int row, int head) {
    return values.address() + ((long) head * groups + row / SIDE) * bytes();
  }

  @Override
  public int together() {
    return SIDE;
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    int padded = PackCall.padded(columns);
    float[] exact = s.weights = Scratch.atLeast(s.weights, SIDE * padded);
    for (int first = from; first < to; first += SIDE) {
      int n = Math.min(SIDE, to - first);
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < n; i++) {
          if (heads == 1) {
            Rows.pack(x, first + i, exact, i * padded, padded);
          } else {
            Rows.packHead(x, first + i, h, exact, i * padded, padded);
          }
        }
        pack(exact, n, first, h, s);
      }
    }
  }

  @Override
  public void round(FloatInputs from, int fromRow, int to, Scratch s) {
    int padded = PackCall.padded(columns);
    float[] exact = s.weights = Scratch.atLeast(s.weights, SIDE * padded);
    for (int first = fromRow; first < to; first += SIDE) {
      int n = Math.min(SIDE, to - first);
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < n; i++) {
          from.copy(first + i, h, exact, i * padded, padded);
        }
        pack(exact, n, first, h, s);
      }
    }
  }

  private void pack(float[] exact, int n, int row, int head, Scratch s) {
    PackCall packing = PairRows.of(s).packing;
    if (single) {
      packing.round(exact, 0, columns, at(row, head));
    } else {
      packing.interleave(exact, 0, PackCall.padded(columns), n, columns, at(row, head));
    }
  }
}
