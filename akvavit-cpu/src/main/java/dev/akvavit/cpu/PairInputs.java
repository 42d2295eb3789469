package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.PackCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** BF16 vectors, each zero-padded to 32 elements. */
final class PairInputs implements Inputs {
  private static final long ALIGNMENT = 64;

  private MemorySegment values = MemorySegment.NULL;
  private int heads;
  private int columns;
  private int padded;

  @Override
  public void begin(int rows, int heads, int columns) {
    this.heads = heads;
    this.columns = columns;
    padded = PackCall.padded(columns);
    values = room(values, (long) Short.BYTES * rows * heads * padded);
  }

  /** Memory of at least so many bytes, whole cache lines. */
  static MemorySegment room(MemorySegment now, long bytes) {
    return now.byteSize() >= bytes
        ? now
        : Arena.ofAuto().allocate(Math.max(bytes, now.byteSize() * 3 / 2), ALIGNMENT);
  }

  /** The address of a vector. */
  long at(int row, int head) {
    return values.address() + (long) Short.BYTES * ((long) row * heads + head) * padded;
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    s.column = Scratch.atLeast(s.column, padded);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < heads; h++) {
        if (heads == 1) {
          Rows.pack(x, row, s.column, 0, padded);
        } else {
          Rows.packHead(x, row, h, s.column, 0, padded);
        }
        PairRows.of(s).packing.round(s.column, 0, columns, at(row, h));
      }
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
