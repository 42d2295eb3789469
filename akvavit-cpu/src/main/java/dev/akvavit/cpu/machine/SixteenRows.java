package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R11;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBP;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the reading of sixteen rows of stored blocks, block by block, and prefetching: loads that
 * give a vector the same four bytes of all rows. Rows lie a stride apart, as files have them, and
 * are transposed; or they are interleaved, and a load is all.
 *
 * <p>Registers: RSI rows 0 to 7, R9 rows 8 to 15, R12 and R13 what is prefetched of them, RAX, RCX,
 * R10 and R11 one, three, five and seven strides, RBP blocks until the first rows' lines are asked
 * for again. Vectors 0 to 7 are transposed by means of 8 to 11. Of interleaved rows several
 * sixteens may be read side by side: RSI and R12 point at the first of them, RAX and RCX are one
 * and three times their bytes.
 */
final class SixteenRows {
  /** How lines are asked for ahead of their use. */
  enum Asking {
    /** With each block that a line holds a part of. */
    EACH_BLOCK,
    /** Once, which Intel's processors prefer. */
    ONCE,
    /**
     * With each block, past all caches but the nearest: on AMD's processors lines then come faster,
     * and the second-level cache keeps what the rest of a step needs. Only where lines are used
     * before the nearest cache is full; on Intel's they come three times as slowly.
     */
    PASSING
  }

  private static final int ROWS = PanelForm.ROWS;

  private static final int LINE = 64;
  private static final int WORD = 4;

  private final Assembler a;
  private final DType type;
  private final boolean interleaved;
  private final Asking asking;
  private final int turns; // blocks that share a line: each asks for some rows' lines
  private int sixteen; // of those side by side
  private int step; // vectors of codes so far

  /**
   * @param interleaved whether a field of {@code n} bytes at byte {@code at} of row {@code r}'s
   *     block lies at byte {@code 16 at + n r} of sixteen rows'
   */
  SixteenRows(Assembler a, DType type, boolean interleaved, Asking asking) {
    this.a = a;
    this.type = type;
    this.interleaved = interleaved;
    this.asking = asking;
    boolean once = asking == Asking.ONCE && !interleaved;
    turns = once ? Math.max(1, LINE / type.blockBytes()) : 1;
  }

  /** Takes up the stride, which is at an address: sixteen rows' where they are interleaved. */
  void strides(Address stride) {
    a.move(RAX, stride);
    a.address(RCX, Address.at(RAX, RAX, 2, 0));
    a.address(R10, Address.at(RAX, RAX, 4, 0));
    a.address(R11, Address.at(RCX, RAX, 4, 0));
  }

  /** Points at the rows' first blocks. */
  void begin(Register first, Address ahead) {
    a.move(RSI, first);
    a.address(R9, Address.at(RSI, RAX, 8, 0));
    a.move(R12, RSI);
    a.compute(ADD, R12, ahead);
    a.address(R13, Address.at(R12, RAX, 8, 0));
    a.move(RBP, turns);
  }

  /** To the next rows; of interleaved ones that many sixteens further. */
  void advance(Register first, int sixteens) {
    for (int left = interleaved ? sixteens : ROWS; left > 0; left -= 8) {
      a.address(first, Address.at(first, RAX, Math.min(left, 8), 0));
    }
  }

  /** A block of the first rows, or of a later sixteen beside them. */
  void beginBlock(int sixteen) {
    this.sixteen = sixteen;
    step = 0;
  }

  void endBlock() {
    if (interleaved) {
      a.compute(ADD, RSI, ROWS * type.blockBytes());
      a.compute(ADD, R12, ROWS * type.blockBytes());
      return;
    }
    for (Register rows : new Register[] {RSI, R9, R12, R13}) {
      a.compute(ADD, rows, type.blockBytes());
    }
    nextTurn();
  }

  /** {@code count} strides from a base. */
  static Address strides(Register base, int count, int displacement) {
    return switch (count) {
      case 0 -> Address.at(base, displacement);
      case 3 -> Address.at(base, RCX, 1, displacement);
      case 5 -> Address.at(base, R10, 1, displacement);
      case 6 -> Address.at(base, RCX, 2, displacement);
      case 7 -> Address.at(base, R11, 1, displacement);
      default -> Address.at(base, RAX, count, displacement);
    };
  }

  /** A field of all rows, which are interleaved. */
  private Address field(int from) {
    return strides(RSI, sixteen, ROWS * from);
  }

  /** A byte of row {@code r}'s block. */
  static Address row(int r, int displacement) {
    return strides(r < 8 ? RSI : R9, r % 8, displacement);
  }

  /**
   * Asks for lines of the rows that will be read later, as they will be read: a few with each
   * vector of codes, since only so many can be on their way.
   */
  void prefetchSome() {
    int rows = interleaved ? 1 : Math.ceilDiv(ROWS, turns);
    int bytes = interleaved ? ROWS * type.blockBytes() : type.blockBytes();
    int all = rows * Math.ceilDiv(bytes, LINE);
    int steps = type.blockElements() / 4;
    for (int i = step * all / steps; i < (step + 1) * all / steps; i++) {
      int row = interleaved ? sixteen : i % rows * turns;
      ask(strides(row < 8 ? R12 : R13, row % 8, i / rows * LINE));
    }
    step++;
  }

  /** Asks for a line. */
  void ask(Address line) {
    if (asking == Asking.PASSING) {
      a.prefetchPassing(line);
    } else {
      a.prefetch(line);
    }
  }

  /** The next block asks for the lines of the next rows, after some blocks for the first again. */
  private void nextTurn() {
    if (turns == 1) {
      return;
    }
    Label further = a.label();
    Register[] ahead = {R12, R13};
    for (Register rows : ahead) {
      a.compute(ADD, rows, RAX);
    }
    a.compute(SUB, RBP, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, further);
    a.move(RBP, turns);
    for (Register rows : ahead) {
      for (int i = 0; i < turns; i++) {
        a.compute(SUB, rows, RAX);
      }
    }
    a.place(further);
  }

  /** 32 bytes of each row: vector {@code j} gets bytes {@code 4 j ..} of all, rows in order. */
  void transpose32(int from) {
    if (interleaved) {
      load(from, 8);
      return;
    }
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < 4; i++) {
        int z = 4 * half + i;
        a.vector(VectorOp.VMOVUPS_YMM, z, row(8 * half + i, from));
        a.insert(VectorOp.VINSERTF64X4, z, z, row(8 * half + 4 + i, from), 1);
      }
      transpose4(4 * half);
    }
    for (int j = 0; j < 4; j++) {
      a.shuffle(VectorOp.VSHUFF32X4, 8, j, 4 + j, 0x88);
      a.shuffle(VectorOp.VSHUFF32X4, 4 + j, j, 4 + j, 0xDD);
      a.vector(VectorOp.VMOVUPS, j, 8);
    }
  }

  /** 16 bytes of each row: vector {@code j} gets bytes {@code 4 j ..} of all, rows in order. */
  void transpose16(int from) {
    if (interleaved) {
      load(from, 4);
      return;
    }
    for (int i = 0; i < 4; i++) {
      a.vector(VectorOp.VMOVUPS_XMM, i, row(i, from));
      for (int quarter = 1; quarter < 4; quarter++) {
        a.insert(VectorOp.VINSERTF32X4, i, i, row(4 * quarter + i, from), quarter);
      }
    }
    transpose4(0);
  }

  private void load(int from, int vectors) {
    for (int j = 0; j < vectors; j++) {
      a.vector(VectorOp.VMOVUPS, j, field(from + 4 * j));
    }
  }

  /** In each quarter of four vectors from {@code z}: a square of four by four. */
  private void transpose4(int z) {
    a.vector(VectorOp.VPUNPCKLDQ, 8, z, z + 1);
    a.vector(VectorOp.VPUNPCKHDQ, 9, z, z + 1);
    a.vector(VectorOp.VPUNPCKLDQ, 10, z + 2, z + 3);
    a.vector(VectorOp.VPUNPCKHDQ, 11, z + 2, z + 3);
    a.vector(VectorOp.VPUNPCKLQDQ, z, 8, 10);
    a.vector(VectorOp.VPUNPCKHQDQ, z + 1, 8, 10);
    a.vector(VectorOp.VPUNPCKLQDQ, z + 2, 9, 11);
    a.vector(VectorOp.VPUNPCKHQDQ, z + 3, 9, 11);
  }

  /** The binary16 factors at a place of all rows. */
  void halfPrecision(int to, int from) {
    pairs(from);
    a.vector(VectorOp.VCVTPH2PS, to, 0);
  }

  /** Two bytes at a place of all rows: half of vector 0. */
  private void pairs(int from) {
    if (interleaved) {
      a.vector(VectorOp.VMOVUPS_YMM, 0, field(from));
      return;
    }
    for (int r = 0; r < 8; r++) {
      a.insert(VectorOp.VPINSRW_XMM, 0, 0, row(r, from), r);
      a.insert(VectorOp.VPINSRW_XMM, 1, 1, row(8 + r, from), r);
    }
    a.insert(VectorOp.VINSERTF32X4_YMM, 0, 0, 1, 1);
  }

  /** The bytes at a place of all rows, as words of 32 bits. */
  void bytes(int to, int from) {
    if (interleaved) {
      a.vector(VectorOp.VMOVUPS_XMM, 0, field(from));
    }
    for (int r = 0; r < ROWS && !interleaved; r++) {
      a.insert(VectorOp.VPINSRB_XMM, 0, 0, row(r, from), r);
    }
    a.vector(VectorOp.VPMOVZXBD, to, 0);
  }

  /** Copies a block of all rows to where a register points, interleaved. */
  void interleave(Register to) {
    int odd = type.blockBytes() % WORD; // bytes of the one field that is no word
    int oddAt = type == DType.Q6_K ? type.blockBytes() - odd : 0;
    for (int i = 0; i < type.blockElements() / 4; i++) {
      prefetchSome();
    }
    if (odd == 1) {
      bytes(0, oddAt);
      a.vector(VectorOp.VPMOVDB_STORE, 0, Address.at(to, ROWS * oddAt));
    } else if (odd == 2) {
      pairs(oddAt);
      a.vector(VectorOp.VMOVUPS_STORE_YMM, 0, Address.at(to, ROWS * oddAt));
    }
    int at = oddAt == 0 ? odd : 0;
    int end = at + type.blockBytes() - odd;
    for (int some; at < end; at += some) {
      some = end - at >= 32 ? 32 : 16;
      at = Math.min(at, end - some); // what is left may be less, and is copied once more
      if (some == 32) {
        transpose32(at);
      } else {
        transpose16(at);
      }
      for (int j = 0; j < some / WORD; j++) {
        a.vector(VectorOp.VMOVUPS_STORE, j, Address.at(to, ROWS * (at + WORD * j)));
      }
    }
  }
}
