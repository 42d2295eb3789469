package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R14;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;
import dev.akvavit.cpu.machine.SixteenRows.Asking;

/**
 * Emits the product of Q8_0 rows, sixteen at a time, with one vector of codes: what {@link
 * PanelRoutine} does, with two thirds of its instructions and fewer than half of its shuffles.
 * There rows are transposed and then multiplied; here they are multiplied almost as they lie, and
 * their sums are transposed, which are fewer.
 *
 * <p>Two blocks of a row are 68 bytes, 17 words of 32 bits: <i>a factor and two codes</i>, seven
 * words of codes, <i>two codes and a factor</i>, eight words of codes. One load has all but the
 * first, eight words of each block, and the input codes are laid out alike, with zeros for the
 * factor. The first words of all rows, needed for their factors anyway, are gathered: a load that
 * begins {@code 4 i} bytes early puts row {@code i}'s into lane {@code i}, and a mask keeps others
 * from being overwritten; lane {@code 8 + i} gets the word with the other factor.
 *
 * <p>What is asked for ahead stays {@link #AHEAD} pairs before what is read, and where a row ends
 * it goes on with the row sixteen strides further. Asking for lines of the next sixteen rows at
 * once, as {@link SixteenRows} does, pushes out of the nearest cache what it holds.
 *
 * <p>Arguments are those of {@link PanelRoutine}. Registers: those of {@link SixteenRows}, RDI
 * arguments, RDX the results, R8 the vector's records, RBX blocks left, R14 the first row, R15
 * sixteens of rows left. Masks: {@code i} chooses lanes {@code i} and {@code 8 + i}.
 */
final class RowProductRoutine {
  private static final int ROWS = PanelForm.ROWS;
  private static final int LINE = 64;
  private static final int BLOCK = DType.Q8_0.blockBytes();
  private static final int PAIR = 2 * BLOCK;
  private static final int RECORD = PanelProductRoutine.RECORD;
  private static final int AHEAD = 6; // pairs

  private static final int PART = 8; // and three more: sums of four rows, a lane per quarter block
  private static final int GATHERED = 12; // and one more: eight rows each
  private static final int FIRST = 14; // words of all rows
  private static final int FACTOR = 16; // and one more: of each block
  private static final int SUM = 18; // likewise
  private static final int INPUTS = 20;
  private static final int EVEN = 21; // words 0 and 1 of each four inputs, twice
  private static final int ODD = 22;
  private static final int FIRST_INPUTS = 23;
  private static final int RESULT = 28;
  private static final int KEPT = 30; // of a load of inputs
  private static final int OFFSET = 31;

  private final Assembler a = new Assembler();
  private final SixteenRows rows;

  private RowProductRoutine(Asking asking) {
    rows = new SixteenRows(a, DType.Q8_0, false, asking);
  }

  /** Whether there is a routine for rows of so many blocks. */
  static boolean multiplies(DType type, long blocks) {
    return type == DType.Q8_0 && blocks % 2 == 0;
  }

  static byte[] of(Asking asking) {
    RowProductRoutine routine = new RowProductRoutine(asking);
    routine.emit();
    return routine.a.bytes();
  }

  private static Address record(int block, int place) {
    return Address.at(R8, block * RECORD + place);
  }

  private void emit() {
    a.enter();
    a.move(RDX, RCX);
    a.compute(ADD, RDX, argument(PanelRoutine.RESULTS));
    rows.strides(argument(PanelRoutine.STRIDE));
    a.move(R14, argument(PanelRoutine.WEIGHTS));
    a.move(R15, argument(PanelRoutine.PANELS));
    constants();
    Label sixteen = a.here();
    sixteen();
    a.compute(SUB, R15, 1);
    a.jump(Condition.NOT_EQUAL, sixteen);
    a.leave();
  }

  private void constants() {
    fill(OFFSET, 0x8080_8080);
    // All but the upper half of word 7: where the first block's factor would be multiplied.
    fill(KEPT, -1);
    fill(0, 0xFFFF);
    mask(1, 0xFF7F);
    a.orZero(VectorOp.VPANDD, KEPT, KEPT, KEPT, 1);
    mask(1, 0x80);
    a.orZero(VectorOp.VPANDD, 0, 0, 0, 1);
    a.vector(VectorOp.VPORD, KEPT, KEPT, 0);
    for (int i = 1; i < 8; i++) {
      mask(i, 0x101 << i);
    }
  }

  private void fill(int to, int bits) {
    a.move(RBX, bits);
    a.broadcast(to, RBX);
  }

  private void mask(int to, int bits) {
    a.move(RBX, bits);
    a.mask(to, RBX);
  }

  private void sixteen() {
    a.move(RSI, R14);
    a.address(R9, Address.at(RSI, RAX, 8, 0));
    a.address(R12, Address.at(RSI, AHEAD * PAIR));
    a.address(R13, Address.at(R9, AHEAD * PAIR));
    rows.advance(R14, 1);
    a.move(RBX, argument(PanelRoutine.BLOCKS));
    a.move(R8, argument(PanelRoutine.VECTOR));
    a.vector(VectorOp.VPXORD, RESULT, RESULT, RESULT);
    Label pair = a.here();
    Label within = a.label();
    a.compute(CMP, RBX, 2 * AHEAD);
    a.jump(Condition.NOT_EQUAL, within);
    a.move(R12, R14);
    a.address(R13, Address.at(R12, RAX, 8, 0));
    a.place(within);
    pair();
    for (Register r : new Register[] {RSI, R9, R12, R13}) {
      a.compute(ADD, r, PAIR);
    }
    a.compute(ADD, R8, 2 * RECORD);
    a.compute(SUB, RBX, 2);
    a.jump(Condition.NOT_EQUAL, pair);
    a.vector(VectorOp.VMOVUPS_STORE, RESULT, Address.at(RDX, 0));
    a.compute(ADD, RDX, LINE);
  }

  private void pair() {
    inputs();
    for (int four = 0; four < 4; four++) {
      products(four);
    }
    factors();
    sums();
    for (int b = 0; b < 2; b++) {
      Address factor = record(b, PanelProductRoutine.FACTOR);
      a.broadcasting(VectorOp.VMULPS, FACTOR + b, FACTOR + b, factor);
      a.vector(VectorOp.VCVTDQ2PS, SUM + b, SUM + b);
      a.vector(VectorOp.VFMADD231PS, RESULT, SUM + b, FACTOR + b);
    }
  }

  /** Codes of the vector, as those of rows lie from byte 4 on. */
  private void inputs() {
    a.vector(VectorOp.VMOVUPS_YMM, INPUTS, record(0, 2));
    a.vector(VectorOp.VPANDD, INPUTS, INPUTS, KEPT);
    a.insert(VectorOp.VINSERTF64X4, INPUTS, INPUTS, record(1, 0), 1);
    a.vector(VectorOp.VPUNPCKLQDQ, EVEN, INPUTS, INPUTS);
    a.vector(VectorOp.VPUNPCKHQDQ, ODD, INPUTS, INPUTS);
    a.vector(VectorOp.VBROADCASTSS, FIRST_INPUTS, record(0, 0));
    a.shift(VectorOp.VPSLLD, FIRST_INPUTS, FIRST_INPUTS, 16);
  }

  /** Four rows: each quarter of a vector gets a sum of each. */
  private void products(int four) {
    for (int i = 0; i < 4; i++) {
      int row = 4 * four + i;
      a.vector(VectorOp.VPXORD, i, OFFSET, SixteenRows.row(row, 4));
      rows.ask(SixteenRows.strides(row < 8 ? R12 : R13, row % 8, 0));
      rows.ask(SixteenRows.strides(row < 8 ? R12 : R13, row % 8, BLOCK));
    }
    for (int i = 0; i < 4; i += 2) {
      int sum = 6 + i / 2;
      a.vector(VectorOp.VPUNPCKLQDQ, 4, i, i + 1);
      a.vector(VectorOp.VPUNPCKHQDQ, 5, i, i + 1);
      a.vector(VectorOp.VPXORD, sum, sum, sum);
      a.vector(VectorOp.VPDPBUSD, sum, 4, EVEN);
      a.vector(VectorOp.VPDPBUSD, sum, 5, ODD);
    }
    a.shuffle(VectorOp.VSHUFPS, 4, 6, 7, 0x88);
    a.shuffle(VectorOp.VSHUFPS, 5, 6, 7, 0xDD);
    a.vector(VectorOp.VPADDD, PART + four, 4, 5);
  }

  /** Gathers factors of both blocks, and begins the first block's sums with codes beside them. */
  private void factors() {
    for (int half = 0; half < 2; half++) {
      int to = GATHERED + half;
      a.vector(VectorOp.VMOVUPS, to, SixteenRows.row(8 * half, 0));
      for (int i = 1; i < 8; i++) {
        a.merge(VectorOp.VMOVUPS, to, SixteenRows.row(8 * half + i, -4 * i), i);
      }
    }
    a.shuffle(VectorOp.VSHUFF32X4, FIRST, GATHERED, GATHERED + 1, 0x44);
    a.shuffle(VectorOp.VSHUFF32X4, GATHERED, GATHERED, GATHERED + 1, 0xEE);
    a.shift(VectorOp.VPSRLD, GATHERED, GATHERED, 16);
    a.lowHalves(FACTOR, FIRST);
    a.lowHalves(FACTOR + 1, GATHERED);
    a.vector(VectorOp.VCVTPH2PS, FACTOR, FACTOR);
    a.vector(VectorOp.VCVTPH2PS, FACTOR + 1, FACTOR + 1);
    a.vector(VectorOp.VPXORD, FIRST, FIRST, OFFSET);
    a.vector(VectorOp.VBROADCASTSS, SUM, record(0, PanelProductRoutine.BIAS));
    a.vector(VectorOp.VPDPBUSD, SUM, FIRST, FIRST_INPUTS);
  }

  /** Adds quarters of each block, rows in order. */
  private void sums() {
    for (int i = 0; i < 4; i += 2) {
      a.shuffle(VectorOp.VSHUFF32X4, i, PART + i, PART + i + 1, 0x88);
      a.shuffle(VectorOp.VSHUFF32X4, i + 1, PART + i, PART + i + 1, 0xDD);
      a.vector(VectorOp.VPADDD, i, i, i + 1);
    }
    a.shuffle(VectorOp.VSHUFF32X4, 4, 0, 2, 0x88);
    a.shuffle(VectorOp.VSHUFF32X4, 5, 0, 2, 0xDD);
    a.vector(VectorOp.VPADDD, SUM, SUM, 4);
    a.broadcasting(VectorOp.VPADDD, SUM + 1, 5, record(1, PanelProductRoutine.BIAS));
  }
}
