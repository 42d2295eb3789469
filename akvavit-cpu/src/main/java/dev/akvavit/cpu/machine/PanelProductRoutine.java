package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R11;
import static dev.akvavit.cpu.machine.Register.R12;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R14;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBP;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the products of panels with one to eight vectors of 8-bit codes, rows in lanes: for each
 * block the integer sum of products by VPDPBUSD, then one fused multiply-add by both factors.
 *
 * <p>Registers: RDI arguments, RSI the block, RDX blocks left, RCX results, R13 panels left, R14
 * and R15 for a moment; {@link #VECTORS} the records of each vector.
 */
final class PanelProductRoutine {
  static final int MOST_VECTORS = 8;

  // Places of the arguments, in longs.
  static final int PANEL = 0;
  static final int PANELS = 1;
  static final int BLOCKS = 2;
  static final int RESULTS = 3;
  static final int RESULT_STRIDE = 4;
  static final int GOES_ON = 5; // results begin with what is there
  static final int LAST_ROWS = 6; // a bit for each row of the last panel
  static final int VECTOR = 7; // and seven more
  static final int ARGUMENTS = VECTOR + MOST_VECTORS;

  // Places in a vector's record, in bytes: the whole, and after it both halves.
  static final int RECORD = 64;
  static final int FACTOR = 32;
  static final int BIAS = 36;
  static final int MINIMUM = 48;

  private static final Register[] VECTORS = {RAX, RBX, RBP, R8, R9, R10, R11, R12};
  private static final Register[] SAVED = {RBX, RBP, R12, R13, R14, R15};
  private static final int LINE = 64;
  private static final int LINES = 8; // of codes in a block
  private static final int WEIGHT_FACTOR = 8; // and one more
  private static final int WEIGHT_MINIMUM = 10; // and one more
  private static final int SUM = 16; // and seven more
  private static final int PRODUCTS = 24; // and three more
  private static final int SCALE = 28; // and three more

  private final Assembler a = new Assembler();
  private final PanelForm form;
  private final int vectors;

  private PanelProductRoutine(PanelForm form, int vectors) {
    this.form = form;
    this.vectors = vectors;
  }

  static byte[] of(PanelForm form, int vectors) {
    PanelProductRoutine routine = new PanelProductRoutine(form, vectors);
    routine.emit();
    return routine.a.bytes();
  }

  private static Address argument(int place) {
    return Address.at(RDI, Long.BYTES * place);
  }

  private void emit() {
    for (Register r : SAVED) {
      a.push(r);
    }
    a.move(RSI, argument(PANEL));
    a.move(R13, argument(PANELS));
    a.compute(ADD, RCX, argument(RESULTS));
    Label panel = a.here();
    rowsThatExist();
    begin();
    a.move(RDX, argument(BLOCKS));
    Label block = a.here();
    block();
    a.compute(ADD, RSI, form.bytes());
    for (int v = 0; v < vectors; v++) {
      a.compute(ADD, VECTORS[v], RECORD);
    }
    a.compute(SUB, RDX, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, block);
    end();
    a.compute(ADD, RCX, LINE);
    a.compute(SUB, R13, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, panel);
    a.zeroUpper();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      a.pop(SAVED[i]);
    }
    a.ret();
  }

  private void rowsThatExist() {
    Label ready = a.label();
    a.move(R15, 0xFFFF);
    a.compute(CMP, R13, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, ready);
    a.move(R15, argument(LAST_ROWS));
    a.place(ready);
    a.mask(1, R15);
  }

  private void begin() {
    Label ready = a.label();
    for (int v = 0; v < vectors; v++) {
      a.move(VECTORS[v], argument(VECTOR + v));
      a.vector(VectorOp.VPXORD, SUM + v, SUM + v, SUM + v);
    }
    a.compute(CMP, argument(GOES_ON), 0);
    a.jump(Assembler.Condition.EQUAL, ready);
    a.move(R14, RCX);
    for (int v = 0; v < vectors; v++) {
      a.load(VectorOp.VMOVUPS, SUM + v, Address.at(R14, 0), 1);
      a.compute(ADD, R14, argument(RESULT_STRIDE));
    }
    a.place(ready);
  }

  private void end() {
    a.move(R14, RCX);
    for (int v = 0; v < vectors; v++) {
      a.store(VectorOp.VMOVUPS_STORE, Address.at(R14, 0), SUM + v, 1);
      a.compute(ADD, R14, argument(RESULT_STRIDE));
    }
  }

  private void block() {
    for (int line = 0; line < LINES; line++) {
      a.vector(VectorOp.VMOVUPS, line, Address.at(RSI, line * LINE));
    }
    for (int part = 0; part < form.parts(); part++) {
      int place = PanelForm.FACTORS + part * LINE;
      a.vector(VectorOp.VMOVUPS, WEIGHT_FACTOR + part, Address.at(RSI, place));
      if (form.hasMinima()) {
        place = form.minima() + part * LINE;
        a.vector(VectorOp.VMOVUPS, WEIGHT_MINIMUM + part, Address.at(RSI, place));
      }
    }
    for (int v = 0; v < vectors; v++) {
      for (int part = 0; part < form.parts(); part++) {
        products(v, part);
      }
      for (int part = 0; part < form.parts() && form.hasMinima(); part++) {
        Address sum = Address.at(VECTORS[v], MINIMUM + part(part));
        a.broadcasting(VectorOp.VFMADD231PS, SUM + v, WEIGHT_MINIMUM + part, sum);
      }
    }
  }

  /** Where a part's fact lies, after the whole's. */
  private int part(int part) {
    return form.parts() == 1 ? 0 : 4 * (part + 1);
  }

  private void products(int v, int part) {
    int x = PRODUCTS + (v + part) % 4;
    int scale = SCALE + (v + part) % 4;
    if (form.hasMinima()) {
      a.vector(VectorOp.VPXORD, x, x, x);
    } else {
      a.vector(VectorOp.VBROADCASTSS, x, Address.at(VECTORS[v], BIAS + part(part)));
    }
    int lines = LINES / form.parts();
    for (int line = part * lines; line < (part + 1) * lines; line++) {
      a.broadcasting(VectorOp.VPDPBUSD, x, line, Address.at(VECTORS[v], 4 * line));
    }
    a.vector(VectorOp.VCVTDQ2PS, x, x);
    a.broadcasting(VectorOp.VMULPS, scale, WEIGHT_FACTOR + part, Address.at(VECTORS[v], FACTOR));
    a.vector(VectorOp.VFMADD231PS, SUM + v, x, scale);
  }
}
