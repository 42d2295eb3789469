package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;

/**
 * A matrix's quantised rows in the order in which a product with one vector meets them, sixteen
 * rows together and block by block: a field of {@code n} bytes at byte {@code at} of row {@code
 * r}'s block lies at byte {@code 16 at + n r} of the sixteen blocks. Fields are words of four bytes
 * and, in blocks that are no whole number of words, one that is shorter: the factor.
 *
 * <p>So nothing has to be transposed where memory is waited for, and one stream is read instead of
 * sixteen. Rows that make no sixteen are left out.
 */
final class InterleavedRows implements Workers.Task {
  private static final int ROWS = PanelForm.ROWS;
  private static final int WORD = Integer.BYTES;

  private final DType type;
  private final MemorySegment from;
  private final MemorySegment to;
  private final long row; // bytes
  private final int factor; // bytes of the field that is no word
  private final int factorAt;
  private final int wordsAt;

  private InterleavedRows(DType type, MemorySegment from, MemorySegment to, long row) {
    this.type = type;
    this.from = from;
    this.to = to;
    this.row = row;
    factor = type.blockBytes() % WORD;
    factorAt = type == DType.Q6_K ? type.blockBytes() - factor : 0;
    wordsAt = factorAt == 0 ? factor : 0;
  }

  /** Bytes of the rows that make sixteens, {@code row} bytes each. */
  static long bytes(long matrix, long row) {
    return matrix / row / ROWS * ROWS * row;
  }

  /**
   * Copies the rows of a matrix.
   *
   * @param row bytes of one
   * @param to as many bytes as {@link #bytes} says
   */
  static void copy(DType type, MemorySegment from, MemorySegment to, long row, Workers workers) {
    int panels = (int) (to.byteSize() / row / ROWS);
    workers.run(new InterleavedRows(type, from, to, row), panels, 1);
  }

  @Override
  public void run(int first, int end, int worker) {
    int block = type.blockBytes();
    for (int panel = first; panel < end; panel++) {
      long base = panel * ROWS * row;
      for (long at = 0; at < row; at += block) {
        for (int r = 0; r < ROWS; r++) {
          copy(base + r * row + at, base + ROWS * at, r);
        }
      }
    }
  }

  /** One row's block. */
  private void copy(long block, long blocks, int r) {
    for (int i = 0; i < factor; i++) {
      byte some = from.get(JAVA_BYTE, block + factorAt + i);
      to.set(JAVA_BYTE, blocks + ROWS * factorAt + factor * r + i, some);
    }
    int end = wordsAt + type.blockBytes() - factor;
    long place = blocks + WORD * r;
    for (int i = wordsAt; i < end; i += WORD) {
      to.set(JAVA_INT_UNALIGNED, place + ROWS * i, from.get(JAVA_INT_UNALIGNED, block + i));
    }
  }
}
