package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.R9;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the packing of vectors as BF16: one vector stays in its order, sixteen are interleaved as
 * {@code [column / 2][vector][column % 2]}, which is how a tile of columns lies in memory.
 *
 * <p>Registers: RDI arguments, RSI vectors, RDX what is packed, RAX bytes of a vector read so far,
 * R9 steps of 32 columns.
 */
final class InterleaveRoutine {
  // Places of the arguments, in longs; offsets count bytes.
  static final int TO = 0;
  static final int STEPS = 1;
  static final int VECTOR = 2; // and 15 more
  static final int ARGUMENTS = VECTOR + 16;

  private static final int LINE = 64;

  private InterleaveRoutine() {}

  /**
   * @param type of the vectors, F32 or already BF16
   * @param vectors 1 or 16
   */
  static byte[] of(Stored type, int vectors) {
    Assembler a = new Assembler();
    a.compute(ADD, RDX, Address.at(RDI, 8 * TO));
    a.move(R9, Address.at(RDI, 8 * STEPS));
    a.move(RAX, 0);
    Label step = a.here();
    for (int i = 0; i < vectors; i++) {
      a.move(R8, Address.at(RDI, 8 * (VECTOR + i)));
      a.compute(ADD, R8, RAX);
      if (type == Stored.F32) {
        a.vector(VectorOp.VMOVUPS, 16, Address.at(RSI, R8, 1, LINE));
        a.vector(VectorOp.VCVTNE2PS2BF16, i, 16, Address.at(RSI, R8, 1, 0));
      } else {
        a.vector(VectorOp.VMOVUPS, i, Address.at(RSI, R8, 1, 0));
      }
    }
    if (vectors > 1) {
      Transposition.emit(a);
    }
    for (int i = 0; i < vectors; i++) {
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RDX, LINE * i));
    }
    a.compute(ADD, RDX, LINE * vectors);
    a.compute(ADD, RAX, 32 * type.bytes);
    a.compute(SUB, R9, 1);
    a.jump(Condition.NOT_EQUAL, step);
    a.zeroUpper();
    a.ret();
    return a.bytes();
  }
}
