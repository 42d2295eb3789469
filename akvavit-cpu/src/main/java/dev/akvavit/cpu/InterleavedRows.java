package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.PanelCall;
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
final class InterleavedRows {
  private static final int ROWS = PanelForm.ROWS;

  private InterleavedRows() {}

  /** Bytes of the rows that make sixteens, {@code row} bytes each. */
  static long bytes(long matrix, long row) {
    return matrix / row / ROWS * ROWS * row;
  }

  /**
   * Copies the rows of a matrix of a type that machine code decodes.
   *
   * @param row bytes of one
   * @param to as many bytes as {@link #bytes} says
   */
  static void copy(DType type, MemorySegment from, MemorySegment to, long row, Workers workers) {
    PanelCall[] calls = new PanelCall[workers.threads()];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = new PanelCall();
    }
    int blocks = (int) (row / type.blockBytes());
    workers.run(
        (first, end, worker) -> {
          long at = first * ROWS * row;
          calls[worker].rows(type, from.address() + at, row, blocks, end - first, false);
          calls[worker].interleave(type, to.address() + at);
        },
        (int) (to.byteSize() / row / ROWS),
        1);
  }
}
