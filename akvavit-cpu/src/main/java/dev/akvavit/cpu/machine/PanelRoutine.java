package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R11;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the decoding of sixteen quantised rows, a stride apart, into the blocks of a panel.
 *
 * <p>Rows are loaded a few to a register and transposed, so that four columns of all rows make one
 * vector; then nibbles and bits become codes, sixteen rows at a time. What the bytes mean is told
 * in {@link dev.akvavit.core.QuantBlocks}.
 *
 * <p>Registers: RDI arguments, RSI rows 0 to 7, R9 rows 8 to 15, R12 and R13 what is prefetched of
 * them, RAX, RCX, R10 and R11 one, three, five and seven strides, RDX the panel, RBX blocks left.
 * Vectors 0 to 15 transpose; what a type keeps lies above.
 */
final class PanelRoutine {
  // Places of the arguments, in longs.
  static final int WEIGHTS = 0;
  static final int STRIDE = 1;
  static final int BLOCKS = 2; // stored ones
  static final int PANEL = 3;
  static final int AHEAD = 4; // bytes from what is read to what is prefetched
  static final int STEPS = 5; // two longs: a byte for each nibble
  static final int ARGUMENTS = 7;

  private static final Register[] SAVED = {RBX, R12, R13};
  private static final int LINE = 64;
  private static final int ROWS = PanelForm.ROWS;

  private final Assembler a = new Assembler();
  private final DType type;
  private final PanelForm form;

  private PanelRoutine(DType type, PanelForm form) {
    this.type = type;
    this.form = form;
  }

  static boolean decodes(DType type) {
    return switch (type) {
      case Q8_0, Q4_0, IQ4_NL, MXFP4, Q4_K, Q6_K -> true;
      default -> false;
    };
  }

  static byte[] of(DType type) {
    PanelForm form =
        switch (type) {
          case Q4_K -> PanelForm.WHOLE_MINIMA;
          case Q6_K -> PanelForm.HALVES;
          default -> PanelForm.WHOLE;
        };
    PanelRoutine routine = new PanelRoutine(type, form);
    routine.emit();
    return routine.a.bytes();
  }

  private void emit() {
    for (Register r : SAVED) {
      a.push(r);
    }
    a.move(RSI, argument(WEIGHTS));
    a.move(RAX, argument(STRIDE));
    a.move(RDX, argument(PANEL));
    a.move(RBX, argument(BLOCKS));
    a.address(RCX, Address.at(RAX, RAX, 2, 0));
    a.address(R10, Address.at(RAX, RAX, 4, 0));
    a.address(R11, Address.at(RCX, RAX, 4, 0));
    a.address(R9, Address.at(RSI, RAX, 8, 0));
    a.move(R12, RSI);
    a.compute(ADD, R12, argument(AHEAD));
    a.address(R13, Address.at(R12, RAX, 8, 0));
    constants();
    Label block = a.here();
    for (int from = 0; from < type.blockBytes(); from += LINE) {
      prefetch(from);
    }
    switch (type) {
      case Q8_0 -> q8();
      case Q4_0, IQ4_NL -> nibbles(2);
      case MXFP4 -> nibbles(1);
      case Q4_K -> q4k();
      case Q6_K -> q6k();
      default -> throw new IllegalArgumentException(type + " is not decoded by machine code");
    }
    for (Register rows : new Register[] {RSI, R9, R12, R13}) {
      a.compute(ADD, rows, type.blockBytes());
    }
    a.compute(ADD, RDX, type.blockElements() / PanelForm.COLUMNS * form.bytes());
    a.compute(SUB, RBX, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, block);
    a.zeroUpper();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      a.pop(SAVED[i]);
    }
    a.ret();
  }

  private static Address argument(int place) {
    return Address.at(RDI, Long.BYTES * place);
  }

  /** {@code count} strides from a base. */
  private static Address strides(Register base, int count, int displacement) {
    return switch (count) {
      case 0 -> Address.at(base, displacement);
      case 3 -> Address.at(base, RCX, 1, displacement);
      case 5 -> Address.at(base, R10, 1, displacement);
      case 6 -> Address.at(base, RCX, 2, displacement);
      case 7 -> Address.at(base, R11, 1, displacement);
      default -> Address.at(base, RAX, count, displacement);
    };
  }

  private static Address row(int r, int displacement) {
    return strides(r < 8 ? RSI : R9, r % 8, displacement);
  }

  private void prefetch(int from) {
    for (int r = 0; r < ROWS; r++) {
      a.prefetch(strides(r < 8 ? R12 : R13, r % 8, from));
    }
  }

  private void fill(int to, int bits) {
    a.move(RBX, bits);
    a.broadcast(to, RBX);
  }

  // ---- transposition

  /**
   * 32 bytes of each row: vector {@code to + j} gets bytes {@code 4 j ..} of all, rows in order.
   */
  private void transpose32(int from, int to) {
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < 4; i++) {
        int z = 4 * half + i;
        a.vector(VectorOp.VMOVUPS_YMM, z, row(8 * half + i, from));
        a.insert(VectorOp.VINSERTF64X4, z, z, row(8 * half + 4 + i, from), 1);
      }
      transpose4(4 * half);
    }
    for (int j = 0; j < 4; j++) {
      a.shuffle(VectorOp.VSHUFF32X4, 8 + j, j, 4 + j, 0x88);
      a.shuffle(VectorOp.VSHUFF32X4, 12 + j, j, 4 + j, 0xDD);
    }
    for (int j = 0; j < 8 && to != 8; j++) {
      a.vector(VectorOp.VMOVUPS, to + j, 8 + j);
    }
  }

  /** 16 bytes of each row: vector {@code j} gets bytes {@code 4 j ..} of all, rows in order. */
  private void transpose16(int from) {
    for (int i = 0; i < 4; i++) {
      a.vector(VectorOp.VMOVUPS_XMM, i, row(i, from));
      for (int quarter = 1; quarter < 4; quarter++) {
        a.insert(VectorOp.VINSERTF32X4, i, i, row(4 * quarter + i, from), quarter);
      }
    }
    transpose4(0);
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

  // ---- types

  private static final int STEP_TABLE = 16;
  private static final int SMALLEST = 17;
  private static final int HALF = 18;
  private static final int CONSTANT = 26; // and more
  private static final int NIBBLE = 29;
  private static final int PAIR = 30; // bits 4 and 5
  private static final int BIAS = 31;

  private void constants() {
    switch (type) {
      case Q8_0 -> fill(BIAS, 0x8080_8080);
      case MXFP4 -> {
        fill(SMALLEST, 1 << 22);
        fill(HALF, Float.floatToRawIntBits(0.5f));
      }
      case Q4_K -> {
        fill(CONSTANT, 0xFF);
        fill(CONSTANT + 1, 0x3F3F_3F3F);
      }
      case Q6_K -> fill(BIAS, 0x6060_6060); // 128 - 32
      default -> {}
    }
    if (type != DType.Q8_0) {
      fill(NIBBLE, 0x0F0F_0F0F);
      fill(PAIR, 0x3030_3030);
      a.vector(VectorOp.VBROADCASTF32X4, STEP_TABLE, argument(STEPS));
    }
    a.move(RBX, argument(BLOCKS));
  }

  private void q8() {
    factors(2, 0);
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RDX, PanelForm.FACTORS));
    transpose32(2, 8);
    for (int j = 0; j < 8; j++) {
      a.vector(VectorOp.VPXORD, 8 + j, 8 + j, BIAS);
      codes(0, j, 8 + j);
    }
  }

  /** A factor, then 16 bytes of nibbles that stand for steps. */
  private void nibbles(int from) {
    if (type == DType.MXFP4) {
      powers();
    } else {
      factors(2, 0);
    }
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RDX, PanelForm.FACTORS));
    transpose16(from);
    for (int j = 0; j < 4; j++) {
      a.vector(VectorOp.VPANDD, 8, j, NIBBLE);
      a.vector(VectorOp.VPSHUFB, 8, STEP_TABLE, 8);
      codes(0, j, 8);
      a.shift(VectorOp.VPSRLW, 9, j, 4);
      a.vector(VectorOp.VPANDD, 9, 9, NIBBLE);
      a.vector(VectorOp.VPSHUFB, 9, STEP_TABLE, 9);
      codes(0, 4 + j, 9);
    }
  }

  /** Vector 0 gets the binary16 factors at a place of all rows. */
  private void factors(int bytes, int from) {
    for (int r = 0; r < 8; r++) {
      a.insert(VectorOp.VPINSRW_XMM, 0, 0, row(r, from), r);
      a.insert(VectorOp.VPINSRW_XMM, 1, 1, row(8 + r, from), r);
    }
    a.insert(VectorOp.VINSERTF32X4_YMM, 0, 0, 1, 1);
    a.vector(VectorOp.VCVTPH2PS, 0, 0);
  }

  /** Vector 0 gets {@code 2^(code - 128)} of all rows' first bytes. */
  private void powers() {
    for (int r = 0; r < ROWS; r++) {
      a.insert(VectorOp.VPINSRB_XMM, 0, 0, row(r, 0), r);
    }
    a.vector(VectorOp.VPMOVZXBD, 0, 0);
    a.shift(VectorOp.VPSLLD, 0, 0, 23);
    a.vector(VectorOp.VPMAXUD, 0, 0, SMALLEST);
    a.vector(VectorOp.VMULPS, 0, 0, HALF);
  }

  private void codes(int block, int line, int from) {
    a.vector(VectorOp.VMOVUPS_STORE, from, Address.at(RDX, block * form.bytes() + line * LINE));
  }

  /** Six-bit scales and minima of eight blocks, then nibbles of two blocks in 32 bytes. */
  private void q4k() {
    int low = 18; // scales, minima of the first four blocks
    int high = 20; // and of the last four
    int d = 22;
    transpose16(0);
    a.lowHalves(d, 0);
    a.vector(VectorOp.VCVTPH2PS, d, d);
    a.shift(VectorOp.VPSRLD, 0, 0, 16);
    a.lowHalves(d + 1, 0);
    a.vector(VectorOp.VCVTPH2PS, d + 1, d + 1);
    for (int kind = 0; kind < 2; kind++) {
      a.vector(VectorOp.VPANDD, low + kind, 1 + kind, CONSTANT + 1);
      a.shift(VectorOp.VPSRLW, 8, 1 + kind, 2);
      a.vector(VectorOp.VPANDD, 8, 8, PAIR);
      a.shift(VectorOp.VPSRLW, 9, 3, 4 * kind);
      a.vector(VectorOp.VPANDD, 9, 9, NIBBLE);
      a.vector(VectorOp.VPORD, high + kind, 8, 9);
    }
    for (int block = 0; block < 8; block++) {
      for (int kind = 0; kind < 2; kind++) {
        a.shift(VectorOp.VPSRLD, 0, (block < 4 ? low : high) + kind, block % 4 * 8);
        a.vector(VectorOp.VPANDD, 0, 0, CONSTANT);
        a.vector(VectorOp.VCVTDQ2PS, 0, 0);
        a.vector(VectorOp.VMULPS, 0, 0, d + kind);
        int place = kind == 0 ? PanelForm.FACTORS : form.minima();
        a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RDX, block * form.bytes() + place));
      }
    }
    for (int block = 0; block < 8; block += 2) {
      transpose32(16 + 16 * block, 8);
      for (int j = 0; j < 8; j++) {
        a.vector(VectorOp.VPANDD, j, 8 + j, NIBBLE);
        codes(block, j, j);
        a.shift(VectorOp.VPSRLW, 8 + j, 8 + j, 4);
        a.vector(VectorOp.VPANDD, 8 + j, 8 + j, NIBBLE);
        codes(block + 1, j, 8 + j);
      }
    }
  }

  /** Nibbles of two blocks in 32 bytes, upper pairs of four blocks in 32 bytes; signed scales. */
  private void q6k() {
    int scales = 24;
    int d = 28;
    factors(2, 208);
    a.vector(VectorOp.VMOVUPS, d, 0);
    transpose16(192);
    for (int i = 0; i < 16; i++) {
      a.shift(VectorOp.VPSLLD, scales, i / 4, 24 - i % 4 * 8);
      a.shift(VectorOp.VPSRAD, scales, scales, 24);
      a.vector(VectorOp.VCVTDQ2PS, scales, scales);
      a.vector(VectorOp.VMULPS, scales, scales, d);
      int place = i / 2 * form.bytes() + PanelForm.FACTORS + i % 2 * LINE;
      a.vector(VectorOp.VMOVUPS_STORE, scales, Address.at(RDX, place));
    }
    int pairs = 16;
    for (int half = 0; half < 2; half++) {
      transpose32(128 + 32 * half, pairs);
      for (int odd = 0; odd < 2; odd++) {
        transpose32(64 * half + 32 * odd, 8);
        for (int j = 0; j < 8; j++) {
          a.vector(VectorOp.VPANDD, j, 8 + j, NIBBLE);
          a.shift(VectorOp.VPSLLW, scales, pairs + j, 4 - 2 * odd);
          sixBits(4 * half + odd, j, j, scales);
          a.shift(VectorOp.VPSRLW, 8 + j, 8 + j, 4);
          a.vector(VectorOp.VPANDD, 8 + j, 8 + j, NIBBLE);
          a.shift(VectorOp.VPSRLW, scales, pairs + j, 2 * odd);
          sixBits(4 * half + 2 + odd, j, 8 + j, scales);
        }
      }
    }
  }

  private void sixBits(int block, int line, int low, int high) {
    a.vector(VectorOp.VPANDD, high, high, PAIR);
    a.vector(VectorOp.VPORD, low, low, high);
    a.vector(VectorOp.VPADDB, low, low, BIAS);
    codes(block, line, low);
  }
}
