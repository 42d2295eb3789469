package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.PackCall;
import java.lang.foreign.MemorySegment;

/**
 * BF16 vectors as the rows of tiles: some columns of all vectors lie together, one vector's after
 * another's, so that a product over those columns reads one piece of memory.
 */
final class RowInputs implements Inputs {
  private final int most;
  private MemorySegment values = MemorySegment.NULL;
  private int vectors;
  private int heads;
  private int columns;
  private long stride;

  /**
   * @param columns that lie together, at most: whole blocks of every type
   */
  RowInputs(int columns) {
    most = columns;
  }

  @Override
  public void begin(int rows, int heads, int columns) {
    if (columns % PackCall.COLUMNS != 0) {
      throw new IllegalArgumentException(columns + " columns are no whole number of blocks");
    }
    this.heads = heads;
    this.columns = columns;
    vectors = rows * heads;
    long line = Short.BYTES * PackCall.COLUMNS;
    stride = (together(0) / PackCall.COLUMNS | 1) * line; // neighbours share no set of a cache
    values = PairInputs.room(values, Math.ceilDiv(columns, most) * vectors * stride);
  }

  /** Columns from {@code column} on that lie together; {@code column} is where others end. */
  int together(int column) {
    return Math.min(most, columns - column);
  }

  /** Bytes from one row's vector to the next row's. */
  long rowStride() {
    return heads * stride;
  }

  /** The address of the columns of a vector that begin with {@code column}. */
  long at(int row, int head, int column) {
    long place = (long) column / most * vectors + (long) row * heads + head;
    return values.address() + place * stride;
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    for (int row = from; row < to; row++) {
      packAs(row, x, row, s);
    }
  }

  /** Packs the vectors of a row of {@code x} as those of row {@code as}. */
  void packAs(int as, Tensor x, int row, Scratch s) {
    s.column = Scratch.atLeast(s.column, columns);
    for (int h = 0; h < heads; h++) {
      if (heads == 1) {
        Rows.pack(x, row, s.column, 0, columns);
      } else {
        Rows.packHead(x, row, h, s.column, 0, columns);
      }
      round(s.column, 0, as, h, s);
    }
  }

  @Override
  public void round(FloatInputs exact, int from, int to, Scratch s) {
    for (int row = from; row < to; row++) {
      for (int h = 0; h < heads; h++) {
        round(exact.values, exact.at(row, h), row, h, s);
      }
    }
  }

  private void round(float[] exact, int at, int row, int head, Scratch s) {
    for (int column = 0; column < columns; column += most) {
      PairRows.of(s).packing.round(exact, at + column, together(column), at(row, head, column));
    }
  }
}
