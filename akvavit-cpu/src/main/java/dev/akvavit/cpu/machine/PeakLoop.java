package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;

/**
 * A loop of one arithmetic instruction on registers alone, in chains that do not wait for each
 * other: what the processor gives at most, and so what kernels are measured by.
 */
public final class PeakLoop implements AutoCloseable {
  private static final int SOURCE = 31; // zero: no sum grows, and no number is slow

  /** Tiles that no sum needs hold the factors. */
  private static final int TILE_SUMS = 6;

  private static final int TILES = 8;
  private static final int TILE_ROWS = 16;
  private static final int TILE_ROW_BYTES = 64;

  /** An instruction, by the type of its factors. */
  private enum Instruction {
    F32(InstructionSet.AVX512, "F32", 16, 2 * 16, (a, sum) -> vector(a, VectorOp.VFMADD231PS, sum)),
    INT8(InstructionSet.VNNI, "INT8", 16, 8 * 16, (a, sum) -> vector(a, VectorOp.VPDPBUSD, sum)),
    BF16(InstructionSet.BF16, "BF16", 16, 4 * 16, (a, sum) -> vector(a, VectorOp.VDPBF16PS, sum)),
    INT8_TILES(
        InstructionSet.BYTE_TILES,
        "INT8 tiles",
        TILE_SUMS,
        2 * 16 * 16 * 64,
        (a, sum) -> a.multiplyTiles(TileOp.TDPBSSD, sum, TILE_SUMS, TILE_SUMS + 1)),
    BF16_TILES(
        InstructionSet.BF16_TILES,
        "BF16 tiles",
        TILE_SUMS,
        2 * 16 * 16 * 32,
        (a, sum) -> a.multiplyTiles(TileOp.TDPBF16PS, sum, TILE_SUMS, TILE_SUMS + 1));

    final InstructionSet needs;
    final String arithmetic;
    final int chains; // enough to hide its latency
    final int operations;
    final ObjIntConsumer<Assembler> chain;

    Instruction(
        InstructionSet needs,
        String arithmetic,
        int chains,
        int operations,
        ObjIntConsumer<Assembler> chain) {
      this.needs = needs;
      this.arithmetic = arithmetic;
      this.chains = chains;
      this.operations = operations;
      this.chain = chain;
    }

    private static void vector(Assembler a, VectorOp op, int sum) {
      a.vector(op, sum, SOURCE, SOURCE);
    }

    boolean onTiles() {
      return needs == InstructionSet.BYTE_TILES || needs == InstructionSet.BF16_TILES;
    }
  }

  private final Instruction instruction;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment code;
  private final MemorySegment shape = shape();

  private PeakLoop(Instruction instruction) {
    this.instruction = instruction;
    code = ExecutableMemory.of(routine(instruction), arena);
  }

  /** Those that this processor has, F32 first; none without machine code. */
  public static List<PeakLoop> here() {
    return Arrays.stream(Instruction.values())
        .filter(i -> MachineCode.here().has(i.needs))
        .map(PeakLoop::new)
        .toList();
  }

  /** Of the factors, as people say it. */
  public String arithmetic() {
    return instruction.arithmetic;
  }

  /** Of one round; a multiplication and an addition count as two. */
  public int operations() {
    return instruction.chains * instruction.operations;
  }

  /** May be called by many threads at once. */
  public void run(int rounds) {
    Downcall.run(
        code,
        MemorySegment.ofAddress(rounds),
        shape,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
  }

  /** All tiles as large as can be, as {@code ldtilecfg} wants to hear it. */
  private MemorySegment shape() {
    MemorySegment bytes = arena.allocate(64, 64);
    bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    for (int t = 0; t < TILES; t++) {
      bytes.set(ValueLayout.JAVA_SHORT, 16 + 2L * t, (short) TILE_ROW_BYTES);
      bytes.set(ValueLayout.JAVA_BYTE, 48 + t, (byte) TILE_ROWS);
    }
    return bytes;
  }

  private static byte[] routine(Instruction instruction) {
    Assembler a = new Assembler();
    if (instruction.onTiles()) {
      a.configureTiles(Address.at(Register.RSI, 0)); // zeroes them too
    } else {
      for (int r = 0; r < instruction.chains; r++) {
        a.vector(VectorOp.VPXORD, r, r, r);
      }
      a.vector(VectorOp.VPXORD, SOURCE, SOURCE, SOURCE);
    }
    Assembler.Label round = a.here();
    for (int r = 0; r < instruction.chains; r++) {
      instruction.chain.accept(a, r);
    }
    a.compute(Assembler.Arithmetic.SUB, Register.RDI, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, round);
    if (instruction.onTiles()) {
      a.releaseTiles();
    }
    a.zeroUpper();
    a.ret();
    return a.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
