package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.PackCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** BF16 vectors, each zero-padded to 32 elements, an odd number of cache lines apart. */
final class PairInputs implements Inputs {
  private static final long ALIGNMENT = 64;

  private MemorySegment values = MemorySegment.NULL;
  private int heads;
  private int columns;
  private int padded;
  private long stride;

  @Override
  public void begin(int rows, int heads, int columns) {
    this.heads = heads;
    this.columns = columns;
    padded = PackCall.padded(columns);
    stride = stride(columns);
    values = room(values, rows * heads * stride);
  }

  /** Memory of at least so many bytes, whole cache lines. */
  static MemorySegment room(MemorySegment now, long bytes) {
    return now.byteSize() >= bytes
        ? now
        : Arena.ofAuto().allocate(Math.max(bytes, now.byteSize() * 3 / 2), ALIGNMENT);
  }

  /**
   * Bytes from one vector to the next: the same column of sixteen vectors does not compete for one
   * set of a cache.
   */
  static long stride(int columns) {
    long line = Short.BYTES * PackCall.COLUMNS;
    return (Math.ceilDiv(columns, PackCall.COLUMNS) | 1) * line;
  }

  /** Bytes from one row's vectors to the next row's. */
  long rowStride() {
    return heads * stride;
  }

  /** The address of a vector. */
  long at(int row, int head) {
    return values.address() + row * rowStride() + head * stride;
  }

  /** The bytes of a vector. */
  MemorySegment vector(int row, int head) {
    return values.asSlice(at(row, head) - values.address(), stride);
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    for (int row = from; row < to; row++) {
      packAs(row, x, row, s);
    }
  }

  /** Packs the vectors of a row of {@code x} as those of row {@code as}. */
  void packAs(int as, Tensor x, int row, Scratch s) {
    s.column = Scratch.atLeast(s.column, padded);
    for (int h = 0; h < heads; h++) {
      if (heads == 1) {
        Rows.pack(x, row, s.column, 0, padded);
      } else {
        Rows.packHead(x, row, h, s.column, 0, padded);
      }
      PairRows.of(s).packing.round(s.column, 0, columns, at(as, h));
    }
  }

  @Override
  public void round(FloatInputs exact, int from, int to, Scratch s) {
    s.column = Scratch.atLeast(s.column, padded);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < heads; h++) {
        exact.copy(row, h, s.column, 0, padded);
        PairRows.of(s).packing.round(s.column, 0, columns, at(row, h));
      }
    }
  }
}
