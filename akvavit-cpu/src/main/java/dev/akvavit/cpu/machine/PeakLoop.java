package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A loop of one arithmetic instruction on registers alone, in chains that do not wait for each
 * other: what the processor gives at most, and so what kernels are measured by.
 */
public final class PeakLoop implements AutoCloseable {
  /** Enough to hide the latency of the slowest instruction on two ports. */
  private static final int CHAINS = 16;

  private static final int SOURCE = 31; // zero: no sum grows, and no number is slow

  /** Instructions by the type of their factors. */
  private enum Instruction {
    F32(VectorOp.VFMADD231PS, 2 * 16);

    final VectorOp op;
    final int operations;

    Instruction(VectorOp op, int operations) {
      this.op = op;
      this.operations = operations;
    }
  }

  private final Instruction instruction;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment code;

  private PeakLoop(Instruction instruction) {
    this.instruction = instruction;
    code = ExecutableMemory.of(routine(instruction.op), arena);
  }

  /** Those that this processor has, F32 first; none without machine code. */
  public static List<PeakLoop> here() {
    if (!MachineCode.here().isReady()) {
      return List.of();
    }
    return Arrays.stream(Instruction.values()).map(PeakLoop::new).toList();
  }

  /** Of the factors, as people say it. */
  public String arithmetic() {
    return instruction.name();
  }

  /** Of one round; a multiplication and an addition count as two. */
  public int operations() {
    return CHAINS * instruction.operations;
  }

  /** May be called by many threads at once. */
  public void run(int rounds) {
    Downcall.run(
        code,
        MemorySegment.ofAddress(rounds),
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
  }

  private static byte[] routine(VectorOp op) {
    Assembler a = new Assembler();
    for (int r = 0; r < CHAINS; r++) {
      a.vector(VectorOp.VPXORD, r, r, r);
    }
    a.vector(VectorOp.VPXORD, SOURCE, SOURCE, SOURCE);
    Assembler.Label round = a.here();
    for (int r = 0; r < CHAINS; r++) {
      a.vector(op, r, SOURCE, SOURCE);
    }
    a.compute(Assembler.Arithmetic.SUB, Register.RDI, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, round);
    a.zeroUpper();
    a.ret();
    return a.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
