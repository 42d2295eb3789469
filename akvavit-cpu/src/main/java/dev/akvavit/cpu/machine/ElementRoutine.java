package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.Register.R8;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits what is done element by element between matrix products, with the bits of the loops on the
 * Vector API. Those are as fast once C2 has compiled them; until then every vector is an object,
 * and a process spends most of its first step on them.
 *
 * <p>RDI leads to the arguments, RSI to the constants, each of which fills a register.
 */
final class ElementRoutine {
  /** What is done. */
  enum Kind {
    SWIGLU,
    ROUND,
    NARROW,
    ADD,
    SQUARES,
    GAIN
  }

  // Places of the arguments, in longs.
  static final int FROM = 0;
  static final int WITH = 1;
  static final int TO = 2;
  static final int COUNT = 3; // of vectors, or of blocks
  static final int ARGUMENTS = 4;

  /** The constants of {@link #swiglu} that come before the polynomial's, in this order. */
  private static final int SIGN = 16;

  private static final int LOW = 17;
  private static final int HIGH = 18;
  private static final int LOG2_E = 19;
  private static final int ROUND = 20;
  private static final int MINUS_LN2_HIGH = 21;
  private static final int MINUS_LN2_LOW = 22;
  private static final int FIRST_FACTOR = 23;
  private static final int ONE = 29;
  static final int SWIGLU_CONSTANTS = ONE - SIGN + 1;

  // The constants of rounding.
  private static final int SIZE = 16;
  private static final int LEAST = 17;
  private static final int LARGEST_CODE = 18;
  private static final int NEAREST = 19;
  static final int ROUND_CONSTANTS = 4;

  // The constants of narrowing.
  private static final int LOWEST_BIT = 16;
  private static final int HALF = 17;
  private static final int QUIET = 18;
  static final int NARROW_CONSTANTS = 3;

  static final int GAIN_CONSTANTS = 1; // the factor

  private static final int FIRST_CONSTANT = 16;
  private static final int LINE = 64;
  private static final int NOT_BELOW = 5; // a comparison that NaN passes
  private static final int UNORDERED = 3; // and one that only NaN passes
  private static final int ORDERED = 7;
  private static final int PASSED = 1; // mask registers
  private static final int ONE_LANE = 2;
  private static final int FAILED = 3;
  private static final int FACTOR = 32; // places in a record
  private static final int BIAS = 36;
  private static final int MINIMUM = 48;

  private final Assembler a = new Assembler();

  private ElementRoutine() {}

  static byte[] of(Kind kind) {
    ElementRoutine routine = new ElementRoutine();
    switch (kind) {
      case SWIGLU -> routine.swiglu();
      case ROUND -> routine.round();
      case NARROW -> routine.narrow();
      case ADD -> routine.add();
      case SQUARES -> routine.squares();
      case GAIN -> routine.gain();
    }
    routine.a.zeroUpper();
    routine.a.ret();
    return routine.a.bytes();
  }

  private void enter(int constants) {
    a.move(R8, Address.at(RDI, Long.BYTES * WITH));
    a.move(RCX, Address.at(RDI, Long.BYTES * TO));
    a.move(RAX, Address.at(RDI, Long.BYTES * COUNT));
    for (int i = 0; i < constants; i++) {
      a.vector(VectorOp.VBROADCASTSS, FIRST_CONSTANT + i, Address.at(RSI, Float.BYTES * i));
    }
  }

  private void enterRows(int constants) {
    a.move(RDX, Address.at(RDI, Long.BYTES * FROM));
    enter(constants);
  }

  /** RDX leads to an array, from an element on. */
  private void enterArray(int constants) {
    a.compute(ADD, RDX, Address.at(RDI, Long.BYTES * FROM));
    enter(constants);
  }

  /** Goes on with the next vectors. */
  private void repeat(Label next, Register... rows) {
    for (Register r : rows) {
      a.compute(ADD, r, LINE);
    }
    a.compute(SUB, RAX, 1);
    a.jump(Condition.NOT_EQUAL, next);
  }

  /** {@code to = from / (1 + e^-from) * with}. */
  private void swiglu() {
    enterRows(SWIGLU_CONSTANTS);
    Label next = a.here();
    a.vector(VectorOp.VMOVUPS, 0, Address.at(RDX, 0));
    a.vector(VectorOp.VPXORD, 1, 0, SIGN);
    exponential();
    a.vector(VectorOp.VADDPS, 5, 5, ONE);
    a.vector(VectorOp.VDIVPS, 0, 0, 5);
    a.vector(VectorOp.VMULPS, 0, 0, Address.at(R8, 0));
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RCX, 0));
    repeat(next, RDX, R8, RCX);
  }

  /** Of register 1 to register 5, step by step as {@code Exponential} has it. */
  private void exponential() {
    a.compare(VectorOp.VCMPPS, PASSED, 1, LOW, NOT_BELOW);
    a.vector(VectorOp.VMINPS, 2, HIGH, 1); // of NaN it is NaN
    a.vector(VectorOp.VMOVUPS, 3, ROUND);
    a.vector(VectorOp.VFMADD231PS, 3, 2, LOG2_E);
    a.vector(VectorOp.VSUBPS, 4, 3, ROUND);
    a.vector(VectorOp.VFMADD231PS, 2, 4, MINUS_LN2_HIGH);
    a.vector(VectorOp.VFMADD231PS, 2, 4, MINUS_LN2_LOW);
    a.vector(VectorOp.VMOVUPS, 5, FIRST_FACTOR);
    for (int factor = FIRST_FACTOR + 1; factor <= ONE; factor++) {
      a.vector(VectorOp.VFMADD213PS, 5, 2, factor);
    }
    a.vector(VectorOp.VFMADD213PS, 5, 2, ONE);
    a.shift(VectorOp.VPSLLD, 3, 3, 23);
    a.orZero(VectorOp.VPADDD, 5, 5, 3, PASSED);
  }

  /**
   * Blocks of 32 elements to records of 64 bytes: codes, their factor, and their sums for panels.
   */
  private void round() {
    enterArray(ROUND_CONSTANTS);
    a.move(R8, 1);
    a.mask(ONE_LANE, R8);
    Label next = a.here();
    block();
    a.compute(ADD, RDX, LINE);
    repeat(next, RDX, RCX);
  }

  private void block() {
    int largest = 2;
    int reciprocal = 3;
    int factor = 4;
    int zero = 15;
    a.vector(VectorOp.VMOVUPS, 0, Address.at(RDX, 0));
    a.vector(VectorOp.VMOVUPS, 1, Address.at(RDX, LINE));
    a.vector(VectorOp.VPANDD, largest, 0, SIZE);
    a.vector(VectorOp.VPANDD, 5, 1, SIZE);
    a.vector(VectorOp.VPMAXUD, largest, largest, 5); // sizes of floats order as their bits do
    across(VectorOp.VPMAXUD, largest);
    a.compare(VectorOp.VCMPPS, PASSED, largest, LEAST, NOT_BELOW);
    a.orZero(VectorOp.VDIVPS, reciprocal, LARGEST_CODE, largest, PASSED);
    a.orZero(VectorOp.VDIVPS, factor, largest, LARGEST_CODE, PASSED);
    for (int half = 0; half < 2; half++) {
      int codes = 6 + half;
      a.vector(VectorOp.VMOVUPS, codes, NEAREST);
      a.vector(VectorOp.VFMADD231PS, codes, half, reciprocal);
      a.store(VectorOp.VPMOVDB_STORE, Address.at(RCX, 16 * half), codes, 0);
      a.shift(VectorOp.VPSLLD, codes, codes, 24);
      a.shift(VectorOp.VPSRAD, codes, codes, 24);
      across(VectorOp.VPADDD, codes);
    }
    a.vector(VectorOp.VPADDD, 5, 6, 7);
    a.vector(VectorOp.VPXORD, zero, zero, zero);
    a.store(VectorOp.VMOVUPS_STORE, Address.at(RCX, FACTOR), factor, ONE_LANE);
    for (int part = 0; part < 3; part++) { // whole, first half, last half
      int sum = 5 + part;
      a.vector(VectorOp.VPSUBD, sum, zero, sum);
      a.shift(VectorOp.VPSLLD, 8, sum, 7);
      a.store(VectorOp.VMOVUPS_STORE, Address.at(RCX, BIAS + 4 * part), 8, ONE_LANE);
      a.vector(VectorOp.VCVTDQ2PS, sum, sum);
      a.vector(VectorOp.VMULPS, sum, sum, factor);
      a.store(VectorOp.VMOVUPS_STORE, Address.at(RCX, MINIMUM + 4 * part), sum, ONE_LANE);
    }
  }

  /** Every lane becomes what {@code op} makes of all lanes; register 14 serves. */
  private void across(VectorOp op, int lanes) {
    for (int swap : new int[] {0x4E, 0xB1}) {
      a.shuffle(VectorOp.VSHUFF32X4, 14, lanes, lanes, swap);
      a.vector(op, lanes, lanes, 14);
    }
    for (int swap : new int[] {0x4E, 0xB1}) {
      a.shuffle(VectorOp.VSHUFPS, 14, lanes, lanes, swap);
      a.vector(op, lanes, lanes, 14);
    }
  }

  /** An array's elements to BF16, the nearest, to even; NaN stays NaN. */
  private void narrow() {
    enterArray(NARROW_CONSTANTS);
    Label next = a.here();
    a.vector(VectorOp.VMOVUPS, 0, Address.at(RDX, 0));
    a.compare(VectorOp.VCMPPS, PASSED, 0, 0, ORDERED);
    a.compare(VectorOp.VCMPPS, FAILED, 0, 0, UNORDERED);
    a.shift(VectorOp.VPSRLD, 1, 0, 16);
    a.vector(VectorOp.VPANDD, 1, 1, LOWEST_BIT);
    a.vector(VectorOp.VPADDD, 1, 1, HALF);
    a.orZero(VectorOp.VPADDD, 1, 1, 0, PASSED);
    a.orZero(VectorOp.VPORD, 2, 0, QUIET, FAILED);
    a.vector(VectorOp.VPORD, 1, 1, 2);
    a.shift(VectorOp.VPSRLD, 1, 1, 16);
    a.store(VectorOp.VPMOVDW_STORE, Address.at(RCX, 0), 1, 0);
    a.compute(ADD, RCX, LINE / 2);
    repeat(next, RDX);
  }

  /** {@code to = from + with}. */
  private void add() {
    enterRows(0);
    Label next = a.here();
    a.vector(VectorOp.VMOVUPS, 0, Address.at(RDX, 0));
    a.vector(VectorOp.VADDPS, 0, 0, Address.at(R8, 0));
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RCX, 0));
    repeat(next, RDX, R8, RCX);
  }

  /** An array's first 16 elements become sums of the squares of {@code with}, lane by lane. */
  private void squares() {
    enterArray(0);
    a.vector(VectorOp.VPXORD, 1, 1, 1);
    Label next = a.here();
    a.vector(VectorOp.VMOVUPS, 0, Address.at(R8, 0));
    a.vector(VectorOp.VFMADD231PS, 1, 0, 0);
    repeat(next, R8);
    a.vector(VectorOp.VMOVUPS_STORE, 1, Address.at(RDX, 0));
  }

  /** {@code to = from * factor * with}. */
  private void gain() {
    enterRows(GAIN_CONSTANTS);
    Label next = a.here();
    a.vector(VectorOp.VMULPS, 0, FIRST_CONSTANT, Address.at(RDX, 0));
    a.vector(VectorOp.VMULPS, 0, 0, Address.at(R8, 0));
    a.vector(VectorOp.VMOVUPS_STORE, 0, Address.at(RCX, 0));
    repeat(next, RDX, R8, RCX);
  }
}
