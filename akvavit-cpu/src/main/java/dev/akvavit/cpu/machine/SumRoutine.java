package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
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
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the weighted sums of rows that attention ends with, one to four sums at once: each column
 * adds its rows in ascending order by fused multiply-add, as the loops on the Vector API do.
 *
 * <p>Columns go in stretches of 96, 64, 32 and 16, whose sums stay in registers while all rows
 * pass. Rows lie a stride apart, or where a table of addresses says. Registers: RDI arguments, RSI
 * rows or table, RAX the row's number, RBX the row, RBP the column, {@link #WEIGHTS} and {@link
 * #SUMS}.
 */
final class SumRoutine {
  static final int MOST_SUMS = 4;

  // Places of the arguments, in longs; offsets count bytes.
  static final int ROWS = 0;
  static final int STRIDE = 1;
  static final int COUNT = 2;
  static final int COLUMNS = 3;
  static final int WEIGHT = 4; // and three more
  static final int SUM = 8; // and three more
  static final int ARGUMENTS = 12;

  private static final Register[] WEIGHTS = {R8, R9, R10, R11};
  private static final Register[] SUMS = {R12, R13, R14, R15};
  private static final int[] STRETCHES = {6, 4, 2, 1};
  private static final int LANES = 16;
  private static final int VALUE = 24; // and five more
  private static final int FACTOR = 30;

  private final Assembler a = new Assembler();
  private final Stored type;
  private final boolean gathered;
  private final int sums;

  private SumRoutine(Stored type, boolean gathered, int sums) {
    this.type = type;
    this.gathered = gathered;
    this.sums = sums;
  }

  static byte[] of(Stored type, boolean gathered, int sums) {
    SumRoutine routine = new SumRoutine(type, gathered, sums);
    routine.emit();
    return routine.a.bytes();
  }

  private void emit() {
    a.enter();
    a.compute(ADD, RSI, argument(ROWS));
    for (int s = 0; s < sums; s++) {
      a.move(WEIGHTS[s], argument(WEIGHT + s));
      a.compute(ADD, WEIGHTS[s], RDX);
      a.move(SUMS[s], argument(SUM + s));
      a.compute(ADD, SUMS[s], RCX);
    }
    a.move(RBP, 0);
    for (int vectors : STRETCHES) {
      Label over = a.label();
      Label stretch = a.here();
      a.address(RAX, Address.at(RBP, vectors * LANES));
      a.compute(CMP, RAX, argument(COLUMNS));
      a.jump(Condition.ABOVE, over);
      stretch(vectors);
      a.compute(ADD, RBP, vectors * LANES);
      a.jump(stretch);
      a.place(over);
    }
    a.leave();
  }

  private void stretch(int vectors) {
    for (int s = 0; s < sums; s++) {
      for (int v = 0; v < vectors; v++) {
        a.vector(VectorOp.VMOVUPS, s * vectors + v, sum(s, v));
      }
    }
    Label none = a.label();
    a.move(RAX, 0);
    a.compute(CMP, RAX, argument(COUNT));
    a.jump(Condition.ABOVE_OR_EQUAL, none);
    a.move(RBX, RSI);
    Label row = a.here();
    if (gathered) {
      a.move(RBX, Address.at(RSI, RAX, Long.BYTES, 0));
    }
    for (int v = 0; v < vectors; v++) {
      type.load(a, VALUE + v, Address.at(RBX, RBP, type.bytes, v * LANES * type.bytes), 0);
    }
    for (int s = 0; s < sums; s++) {
      a.vector(VectorOp.VBROADCASTSS, FACTOR, Address.at(WEIGHTS[s], RAX, Float.BYTES, 0));
      for (int v = 0; v < vectors; v++) {
        a.vector(VectorOp.VFMADD231PS, s * vectors + v, FACTOR, VALUE + v);
      }
    }
    if (!gathered) {
      a.compute(ADD, RBX, argument(STRIDE));
    }
    a.compute(ADD, RAX, 1);
    a.compute(CMP, RAX, argument(COUNT));
    a.jump(Condition.BELOW, row);
    a.place(none);
    for (int s = 0; s < sums; s++) {
      for (int v = 0; v < vectors; v++) {
        a.vector(VectorOp.VMOVUPS_STORE, s * vectors + v, sum(s, v));
      }
    }
  }

  private static Address sum(int s, int vector) {
    return Address.at(SUMS[s], RBP, Float.BYTES, vector * LANES * Float.BYTES);
  }
}
