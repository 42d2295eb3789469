package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop that loads a piece of memory into registers, whole lines at a time, and does nothing with
 * it: what memory gives at most, and so what kernels that stream weights are measured by.
 */
public final class ReadLoop implements AutoCloseable {
  /** Bytes of a piece: read well within the time that a critical call may take. */
  public static final int PIECE = 1 << 20;

  private static final int LINE = 64;
  private static final int STEP = 2 * LINE;

  /** Which way is fastest depends on the processor's own prefetching: all are tried. */
  private static final int[] STREAMS = {1, 4, 16};

  private static final int[] AHEAD = {0, 512, 2048};

  private final int streams;
  private final int ahead;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment code;

  private ReadLoop(int streams, int ahead) {
    this.streams = streams;
    this.ahead = ahead;
    code = ExecutableMemory.of(routine(streams, ahead), arena);
  }

  /** Every way to read that this processor has; none without machine code. */
  public static List<ReadLoop> here() {
    List<ReadLoop> loops = new ArrayList<>();
    if (MachineCode.here().has(InstructionSet.AVX512)) {
      for (int streams : STREAMS) {
        for (int ahead : AHEAD) {
          loops.add(new ReadLoop(streams, ahead));
        }
      }
    }
    return loops;
  }

  /** The way it reads, for people. */
  public String description() {
    String prefetched = ahead == 0 ? "" : ", prefetched " + ahead + " bytes ahead";
    return "64-byte loads in " + (streams == 1 ? "one stream" : streams + " streams") + prefetched;
  }

  /** Reads {@link #PIECE} bytes; may be called by many threads at once. */
  public void run(MemorySegment piece) {
    if (piece.byteSize() != PIECE) {
      throw new IllegalArgumentException(
          "piece: found " + piece.byteSize() + " bytes, allowed: " + PIECE);
    }
    Downcall.run(
        code,
        piece,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
  }

  private static byte[] routine(int streams, int ahead) {
    Assembler a = new Assembler();
    int stream = PIECE / streams;
    a.move(Register.RAX, 0);
    Assembler.Label next = a.here();
    for (int s = 0; s < streams; s++) {
      for (int line = 0; line < STEP; line += LINE) {
        if (ahead > 0) {
          a.prefetch(Address.at(Register.RDI, Register.RAX, 1, s * stream + line + ahead));
        }
        int to = (2 * s + line / LINE) % 32;
        a.vector(
            VectorOp.VMOVUPS, to, Address.at(Register.RDI, Register.RAX, 1, s * stream + line));
      }
    }
    a.compute(Assembler.Arithmetic.ADD, Register.RAX, STEP);
    a.compute(Assembler.Arithmetic.CMP, Register.RAX, stream);
    a.jump(Assembler.Condition.BELOW, next);
    a.zeroUpper();
    a.ret();
    return a.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
