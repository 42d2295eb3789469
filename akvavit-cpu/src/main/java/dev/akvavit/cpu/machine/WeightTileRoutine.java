package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the way from a panel's codes to BF16 weights, interleaved by pairs of columns as a tile
 * product wants its second side: a block of 32 columns becomes a tile, {@code [column /
 * 2][row][column % 2]}.
 *
 * <p>A weight is {@code factor * (code - 128)}, or {@code factor * code - minimum}, rounded to F32
 * once and then to BF16, to nearest, ties to even; subnormal numbers become zero.
 *
 * <p>Registers: RDI arguments, RSI the panel, RDX tiles, R9 blocks left.
 */
final class WeightTileRoutine {
  // Places of the arguments, in longs.
  static final int PANEL = 0;
  static final int BLOCKS = 1;
  static final int TO = 2;
  static final int ORDER = 3; // of words: eight longs
  static final int ARGUMENTS = ORDER + 8;

  private static final int LINE = 64;
  private static final int LINES = 8; // of codes in a block: four columns of all rows
  private static final int COLUMNS = 4; // of a line
  private static final int VALUE = 0; // and three more, for every other line four further
  private static final int PAIR = 8; // and seven more
  private static final int CODES = 16; // and seven more
  private static final int FACTOR = 24; // and one more
  private static final int MINIMUM = 26; // and one more
  private static final int FLIPS = 28; // codes less 128, or minima with their signs changed
  private static final int WORDS = 29;

  private final Assembler a = new Assembler();
  private final PanelForm form;

  private WeightTileRoutine(PanelForm form) {
    this.form = form;
  }

  static byte[] of(PanelForm form) {
    WeightTileRoutine routine = new WeightTileRoutine(form);
    routine.emit();
    return routine.a.bytes();
  }

  /** Words of two columns, sixteen rows each, become pairs. */
  static void prepare(long[] arguments) {
    for (int i = 0; i < 32; i++) {
      arguments[ORDER + i / 4] |= (i / 2 + i % 2 * 16L) << i % 4 * 16;
    }
  }

  private static Address argument(int place) {
    return Address.at(RDI, Long.BYTES * place);
  }

  private void emit() {
    a.move(RSI, argument(PANEL));
    a.move(R9, argument(BLOCKS));
    a.move(RDX, argument(TO));
    a.vector(VectorOp.VMOVUPS, WORDS, argument(ORDER));
    a.move(RAX, form.hasMinima() ? 0x8000_0000 : 0x8080_8080);
    a.broadcast(FLIPS, RAX);
    Label block = a.here();
    facts();
    for (int line = 0; line < LINES; line++) {
      line(line);
    }
    a.compute(ADD, RSI, form.bytes());
    a.compute(ADD, RDX, 2 * LINES * LINE);
    a.compute(SUB, R9, 1);
    a.jump(Condition.NOT_EQUAL, block);
    a.zeroUpper();
    a.ret();
  }

  private void facts() {
    for (int part = 0; part < form.parts(); part++) {
      int factor = PanelForm.FACTORS + part * LINE;
      a.vector(VectorOp.VMOVUPS, FACTOR + part, Address.at(RSI, factor));
      if (form.hasMinima()) {
        int minimum = form.minima() + part * LINE;
        a.vector(VectorOp.VPXORD, MINIMUM + part, FLIPS, Address.at(RSI, minimum));
      }
    }
  }

  private void line(int line) {
    int part = line * form.parts() / LINES;
    int codes = CODES + line;
    if (form.hasMinima()) {
      a.vector(VectorOp.VMOVUPS, codes, Address.at(RSI, line * LINE));
    } else {
      a.vector(VectorOp.VPXORD, codes, FLIPS, Address.at(RSI, line * LINE));
    }
    int values = VALUE + line % 2 * COLUMNS;
    for (int c = 0; c < COLUMNS; c++) {
      value(values + c, codes, c, part);
    }
    for (int c = 0; c < COLUMNS; c += 2) {
      int pair = PAIR + (2 * line + c / 2) % 8;
      a.vector(VectorOp.VCVTNE2PS2BF16, pair, values + c + 1, values + c);
      a.vector(VectorOp.VPERMW, pair, WORDS, pair);
      a.vector(VectorOp.VMOVUPS_STORE, pair, Address.at(RDX, (2 * line + c / 2) * LINE));
    }
  }

  /** The weights of one of four columns. */
  private void value(int to, int codes, int column, int part) {
    int from = codes;
    int left = 24 - 8 * column;
    if (left > 0) {
      a.shift(VectorOp.VPSLLD, to, codes, left);
      from = to;
    }
    a.shift(form.hasMinima() ? VectorOp.VPSRLD : VectorOp.VPSRAD, to, from, 24);
    a.vector(VectorOp.VCVTDQ2PS, to, to);
    if (form.hasMinima()) {
      a.vector(VectorOp.VFMADD213PS, to, FACTOR + part, MINIMUM + part);
    } else {
      a.vector(VectorOp.VMULPS, to, to, FACTOR + part);
    }
  }
}
