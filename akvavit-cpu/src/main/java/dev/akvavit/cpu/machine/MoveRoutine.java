package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.BlockShape.LANES;
import static dev.akvavit.cpu.machine.BlockShape.LINE;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/** Emits the routines that bring rows into the order in which a block's products want them. */
final class MoveRoutine {
  private static final int AHEAD = 4 * Long.BYTES; // places of the table between read and prefetch

  private MoveRoutine() {}

  /**
   * Rounds and packs queries: sixteen F32 rows where a table says, pair of columns by pair of
   * columns.
   */
  static byte[] queries() {
    Assembler a = new Assembler();
    a.enter();
    a.move(RSI, argument(BlockShape.TABLE));
    a.move(RDX, argument(BlockShape.QUERIES));
    a.move(RAX, argument(BlockShape.TILES));
    a.move(argument(BlockShape.LEFT_TILES), RAX);
    Label tile = a.here();
    a.move(RBX, 0);
    a.move(RCX, argument(BlockShape.KEY_BYTES));
    a.shiftLeft(RCX, 1);
    Label columns = a.here();
    for (int i = 0; i < LANES; i++) {
      a.move(RAX, Address.at(RSI, Long.BYTES * i));
      a.vector(VectorOp.VMOVUPS, i, Address.at(RAX, RBX, 1, LINE));
      a.vector(VectorOp.VCVTNE2PS2BF16, i, i, Address.at(RAX, RBX, 1, 0));
    }
    BlockShape.transpose(a);
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RDX, i * LINE));
    }
    a.compute(ADD, RDX, LANES * LINE);
    a.compute(ADD, RBX, 2 * LINE);
    a.compute(CMP, RBX, RCX);
    a.jump(Condition.BELOW, columns);
    a.compute(ADD, RSI, LANES * Long.BYTES);
    a.compute(SUB, argument(BlockShape.LEFT_TILES), 1);
    a.jump(Condition.NOT_EQUAL, tile);
    a.leave();
    return a.bytes();
  }

  /**
   * Brings scattered BF16 rows together; with {@code f8}, decodes e4m3 codes to BF16 numbers {@code
   * 2^-8} times as large, which are exact.
   */
  static byte[] rows(boolean f8) {
    Assembler a = new Assembler();
    a.enter();
    a.move(RSI, argument(BlockShape.TABLE));
    a.move(RDX, argument(BlockShape.OUT));
    a.move(RCX, argument(BlockShape.ROWS));
    a.move(RAX, 0xBFFF_BFFF);
    a.broadcast(4, RAX);
    Label row = a.here();
    a.move(RAX, Address.at(RSI, 0));
    a.move(R8, Address.at(RSI, AHEAD));
    a.move(RBX, argument(BlockShape.KEY_BYTES));
    Label line = a.here();
    a.prefetch(Address.at(R8, 0));
    if (f8) {
      decode(a, 1, Address.at(RAX, LANES));
      decode(a, 0, Address.at(RAX, 0));
      a.vector(VectorOp.VCVTNE2PS2BF16, 0, 1, 0);
    } else {
      a.vector(VectorOp.VMOVUPS, 0, Address.at(RAX, 0));
    }
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RDX, 0));
    a.compute(ADD, RAX, f8 ? LINE / 2 : LINE);
    a.compute(ADD, R8, f8 ? LINE / 2 : LINE);
    a.compute(ADD, RDX, LINE);
    a.compute(SUB, RBX, LINE);
    a.jump(Condition.NOT_EQUAL, line);
    a.compute(ADD, RSI, Long.BYTES);
    a.compute(SUB, RCX, 1);
    a.jump(Condition.NOT_EQUAL, row);
    a.leave();
    return a.bytes();
  }

  /** Sixteen codes, shifted into place, are binary16 numbers 2^8 times too small. */
  private static void decode(Assembler a, int to, Address from) {
    a.vector(VectorOp.VPMOVSXBW_YMM, to, from);
    a.shift(VectorOp.VPSLLW_YMM, to, to, 7);
    a.vector(VectorOp.VPANDD_YMM, to, to, 4);
    a.vector(VectorOp.VCVTPH2PS, to, to);
  }

  /** Prefetches groups of keys and of values, whose rows may lie far apart. */
  static byte[] prefetch() {
    Assembler a = new Assembler();
    a.enter();
    prefetch(a, BlockShape.NEXT_KEYS, BlockShape.KEY_STRIDE, BlockShape.KEY_BYTES, 0);
    prefetch(a, BlockShape.NEXT_VALUES, BlockShape.VALUE_STRIDE, BlockShape.COLUMNS, 1);
    a.leave();
    return a.bytes();
  }

  private static void prefetch(Assembler a, int table, int stride, int size, int shift) {
    a.move(RSI, argument(table));
    a.move(RCX, argument(BlockShape.NEXT_GROUPS));
    a.move(R8, argument(size));
    a.shiftLeft(R8, shift);
    Label group = a.here();
    a.move(RAX, Address.at(RSI, 0));
    a.move(RDX, LANES);
    Label row = a.here();
    a.move(RBX, 0);
    Label line = a.here();
    a.prefetch(Address.at(RAX, RBX, 1, 0));
    a.compute(ADD, RBX, LINE);
    a.compute(CMP, RBX, R8);
    a.jump(Condition.BELOW, line);
    a.compute(ADD, RAX, argument(stride));
    a.compute(SUB, RDX, 1);
    a.jump(Condition.NOT_EQUAL, row);
    a.compute(ADD, RSI, Long.BYTES);
    a.compute(SUB, RCX, 1);
    a.jump(Condition.NOT_EQUAL, group);
  }

  /** Copies sums row by row, their columns in order again. */
  static byte[] sums() {
    Assembler a = new Assembler();
    a.enter();
    a.move(RAX, argument(BlockShape.SUMS));
    a.compute(ADD, RSI, argument(BlockShape.OUT));
    a.move(R8, argument(BlockShape.TILES));
    Label tile = a.here();
    a.move(RCX, LANES);
    Label row = a.here();
    a.move(RDX, RAX);
    a.move(RBX, argument(BlockShape.COLUMNS));
    Label columns = a.here();
    a.vector(VectorOp.VMOVUPS, 0, Address.at(RDX, 0));
    a.vector(VectorOp.VMOVUPS, 1, Address.at(RDX, LANES * LINE));
    for (int half = 0; half < 2; half++) {
      a.shuffle(VectorOp.VSHUFF32X4, 2, 0, 1, half == 0 ? 0x44 : 0xEE);
      a.shuffle(VectorOp.VSHUFF32X4, 2, 2, 2, 0xD8);
      a.vector(VectorOp.VMOVUPS_STORE, 2, Address.at(RSI, half * LINE));
    }
    a.compute(ADD, RDX, 2 * LANES * LINE);
    a.compute(ADD, RSI, 2 * LINE);
    a.compute(SUB, RBX, 2 * LANES);
    a.jump(Condition.NOT_EQUAL, columns);
    a.compute(ADD, RAX, LINE);
    a.compute(SUB, RCX, 1);
    a.jump(Condition.NOT_EQUAL, row);
    a.address(RAX, Address.at(RDX, -(LANES - 1) * LINE));
    a.compute(SUB, R8, 1);
    a.jump(Condition.NOT_EQUAL, tile);
    a.leave();
    return a.bytes();
  }

  /**
   * The lightning indexer's last step: {@code out[row] = sum over queries, of all tiles, of weight
   * * max(0, score)}, weights one line a tile; queries fold in halves.
   */
  static byte[] indexSums() {
    Assembler a = new Assembler();
    a.enter();
    a.compute(ADD, RSI, argument(BlockShape.OUT));
    a.move(RBX, argument(BlockShape.SCORES));
    a.move(RCX, argument(BlockShape.ROWS));
    Label group = a.here();
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VPXORD, i, i, i);
    }
    a.vector(VectorOp.VPXORD, 16, 16, 16);
    a.move(RAX, RBX);
    a.move(RDX, argument(BlockShape.STATE));
    a.move(R8, argument(BlockShape.TILES));
    Label tile = a.here();
    a.vector(VectorOp.VMOVUPS, 17, Address.at(RDX, 0));
    for (int i = 0; i < LANES; i++) {
      int score = 18 + i % 4;
      a.vector(VectorOp.VMAXPS, score, 16, Address.at(RAX, i * LINE));
      a.vector(VectorOp.VFMADD231PS, i, score, 17);
    }
    a.compute(ADD, RAX, BlockShape.SCORE_TILE);
    a.compute(ADD, RDX, LINE);
    a.compute(SUB, R8, 1);
    a.jump(Condition.NOT_EQUAL, tile);
    fold(a);
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RSI, 0));
    a.compute(ADD, RSI, LINE);
    a.compute(ADD, RBX, LANES * LINE);
    a.compute(SUB, RCX, LANES);
    a.jump(Condition.NOT_EQUAL, group);
    a.leave();
    return a.bytes();
  }

  /** Register 0 gets the sums of registers 0 to 15. */
  private static void fold(Assembler a) {
    BlockShape.transpose(a);
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        a.vector(VectorOp.VADDPS, i, i, i + half);
      }
    }
  }
}
