package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R13;
import static dev.akvavit.cpu.machine.Register.R14;
import static dev.akvavit.cpu.machine.Register.R15;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBP;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the products of panels with one to four vectors of 8-bit codes, rows in lanes: for each
 * block the integer sum of products by VPDPBUSD, then one fused multiply-add by both factors.
 *
 * <p>Panels go two at a time: four codes of a vector, loaded and repeated once, meet rows of both,
 * and a line of weights meets all vectors. With one panel the loads were as many as the products,
 * and the limit.
 *
 * <p>Registers: RDI arguments, RSI the block, RDX blocks left, RCX results, R13 panels left, R15
 * bytes of a panel, R14 for a moment; {@link #VECTORS} the records of each vector. Masks: 1 and 2
 * the rows that exist of both panels.
 */
final class PanelProductRoutine {
  static final int MOST_VECTORS = 4;

  // Places of the arguments, in longs.
  static final int PANEL = 0;
  static final int PANELS = 1;
  static final int BLOCKS = 2;
  static final int RESULTS = 3;
  static final int RESULT_STRIDE = 4;
  static final int GOES_ON = 5; // results begin with what is there
  static final int LAST_ROWS = 6; // a bit for each row of the last panel
  static final int VECTOR = 7; // and three more
  static final int PANEL_BYTES = VECTOR + MOST_VECTORS;
  static final int ARGUMENTS = PANEL_BYTES + 1;

  // Places in a vector's record, in bytes: the whole, and after it both halves.
  static final int RECORD = 64;
  static final int FACTOR = 32;
  static final int BIAS = 36;
  static final int MINIMUM = 48;

  private static final Register[] VECTORS = {RAX, RBX, RBP, R8};
  private static final int LINE = 64;
  private static final int LINES = 8; // of codes in a block
  private static final int WEIGHTS = 0; // and seven more: lines of both panels, four in turn
  private static final int CODES = 8; // and three more: four codes of each vector
  private static final int FACTORS = 12; // of both panels
  private static final int MINIMA = 14;
  private static final int SUM = 16; // and seven more: of each vector with both panels
  private static final int PRODUCTS = 24; // likewise

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

  private void emit() {
    a.enter();
    a.move(RSI, argument(PANEL));
    a.move(R13, argument(PANELS));
    a.move(R15, argument(PANEL_BYTES));
    a.compute(ADD, RCX, argument(RESULTS));
    Label two = a.here();
    Label one = a.label();
    Label done = a.label();
    a.compute(CMP, R13, 2);
    a.jump(Condition.BELOW, one);
    panels(2);
    a.compute(SUB, R13, 2);
    a.jump(Condition.NOT_EQUAL, two);
    a.jump(done);
    a.place(one);
    panels(1);
    a.place(done);
    a.leave();
  }

  private void panels(int panels) {
    rowsThatExist(panels);
    begin(panels);
    a.move(RDX, argument(BLOCKS));
    Label block = a.here();
    block(panels);
    a.compute(ADD, RSI, form.bytes());
    for (int v = 0; v < vectors; v++) {
      a.compute(ADD, VECTORS[v], RECORD);
    }
    a.compute(SUB, RDX, 1);
    a.jump(Condition.NOT_EQUAL, block);
    end(panels);
    a.compute(ADD, RSI, R15);
    a.compute(ADD, RCX, panels * LINE);
  }

  /** All of both panels, unless the last of them is the last of all. */
  private void rowsThatExist(int panels) {
    Label ready = a.label();
    a.move(R14, 0xFFFF);
    a.mask(1, R14);
    a.compute(CMP, R13, panels);
    a.jump(Condition.NOT_EQUAL, ready);
    a.move(R14, argument(LAST_ROWS));
    a.place(ready);
    a.mask(panels, R14);
  }

  private int sum(int panel, int v) {
    return SUM + 2 * v + panel;
  }

  private int product(int panel, int v) {
    return PRODUCTS + 2 * v + panel;
  }

  private void begin(int panels) {
    Label ready = a.label();
    for (int v = 0; v < vectors; v++) {
      a.move(VECTORS[v], argument(VECTOR + v));
      for (int p = 0; p < panels; p++) {
        a.vector(VectorOp.VPXORD, sum(p, v), sum(p, v), sum(p, v));
      }
    }
    a.compute(CMP, argument(GOES_ON), 0);
    a.jump(Condition.EQUAL, ready);
    a.move(R14, RCX);
    for (int v = 0; v < vectors; v++) {
      for (int p = 0; p < panels; p++) {
        a.load(VectorOp.VMOVUPS, sum(p, v), Address.at(R14, p * LINE), 1 + p);
      }
      a.compute(ADD, R14, argument(RESULT_STRIDE));
    }
    a.place(ready);
  }

  private void end(int panels) {
    a.move(R14, RCX);
    for (int v = 0; v < vectors; v++) {
      for (int p = 0; p < panels; p++) {
        a.store(VectorOp.VMOVUPS_STORE, Address.at(R14, p * LINE), sum(p, v), 1 + p);
      }
      a.compute(ADD, R14, argument(RESULT_STRIDE));
    }
  }

  private void block(int panels) {
    for (int part = 0; part < form.parts(); part++) {
      codes(panels, part);
      factors(panels, part);
    }
    for (int part = 0; part < form.parts() && form.hasMinima(); part++) {
      minima(panels, part);
    }
  }

  /** Integer sums of products, less what the codes of weights are too large by. */
  private void codes(int panels, int part) {
    for (int v = 0; v < vectors; v++) {
      for (int p = 0; p < panels; p++) {
        int to = product(p, v);
        if (form.hasMinima()) {
          a.vector(VectorOp.VPXORD, to, to, to);
        } else if (p == 0) {
          a.vector(VectorOp.VBROADCASTSS, to, Address.at(VECTORS[v], BIAS + part(part)));
        } else {
          a.vector(VectorOp.VMOVUPS, to, product(0, v));
        }
      }
    }
    int lines = LINES / form.parts();
    for (int line = part * lines; line < (part + 1) * lines; line++) {
      int weights = WEIGHTS + line % 4 * 2;
      for (int p = 0; p < panels; p++) {
        a.vector(VectorOp.VMOVUPS, weights + p, weights(p, line * LINE));
      }
      for (int v = 0; v < vectors; v++) {
        a.vector(VectorOp.VBROADCASTSS, CODES + v, Address.at(VECTORS[v], 4 * line));
        for (int p = 0; p < panels; p++) {
          a.vector(VectorOp.VPDPBUSD, product(p, v), weights + p, CODES + v);
        }
      }
    }
  }

  private void factors(int panels, int part) {
    for (int p = 0; p < panels; p++) {
      a.vector(VectorOp.VMOVUPS, FACTORS + p, weights(p, PanelForm.FACTORS + part * LINE));
    }
    for (int v = 0; v < vectors; v++) {
      a.vector(VectorOp.VBROADCASTSS, CODES + v, Address.at(VECTORS[v], FACTOR));
      for (int p = 0; p < panels; p++) {
        int scale = WEIGHTS + (2 * v + p) % 8;
        a.vector(VectorOp.VCVTDQ2PS, product(p, v), product(p, v));
        a.vector(VectorOp.VMULPS, scale, FACTORS + p, CODES + v);
        a.vector(VectorOp.VFMADD231PS, sum(p, v), product(p, v), scale);
      }
    }
  }

  private void minima(int panels, int part) {
    for (int p = 0; p < panels; p++) {
      a.vector(VectorOp.VMOVUPS, MINIMA + p, weights(p, form.minima() + part * LINE));
    }
    for (int v = 0; v < vectors; v++) {
      a.vector(VectorOp.VBROADCASTSS, CODES + v, Address.at(VECTORS[v], MINIMUM + part(part)));
      for (int p = 0; p < panels; p++) {
        a.vector(VectorOp.VFMADD231PS, sum(p, v), MINIMA + p, CODES + v);
      }
    }
  }

  /** Of the first panel, or of the one after it. */
  private static Address weights(int panel, int place) {
    return panel == 0 ? Address.at(RSI, place) : Address.at(RSI, R15, 1, place);
  }

  /** Where a part's fact lies, after the whole's. */
  private int part(int part) {
    return form.parts() == 1 ? 0 : 4 * (part + 1);
  }
}
