package dev.akvavit.cpu.machine;

import java.util.Arrays;

/**
 * Writes x86-64 machine code: the instructions the routines of this package need, and labels.
 *
 * <p>Vector registers are numbers 0 to 31, mask registers 0 to 7. Displacements take four bytes or
 * none, so an instruction's length does not depend on its operands' values. Sources: Intel,
 * Software Developer's Manual, volume 2, chapters 2 and 3. Jumps may lead forward to a label that
 * is {@linkplain #place placed} later.
 *
 * <p>Long for a reason: every instruction is one short method, and all share the same prefixes.
 */
final class Assembler {
  /** A place in the code. */
  static final class Label {
    private int position = -1;
    private int[] jumps = new int[0]; // positions of the displacements that lead here
  }

  /** When a conditional jump is taken, after a comparison of unsigned numbers. */
  enum Condition {
    BELOW(2),
    ABOVE_OR_EQUAL(3),
    EQUAL(4),
    NOT_EQUAL(5),
    BELOW_OR_EQUAL(6),
    ABOVE(7);

    private final int code;

    Condition(int code) {
      this.code = code;
    }
  }

  /** Two-operand arithmetic on 64-bit registers. */
  enum Arithmetic {
    ADD(0x03, 0),
    SUB(0x2B, 5),
    CMP(0x3B, 7),
    AND(0x23, 4),
    XOR(0x33, 6);

    private final int opcode;
    private final int extension;

    Arithmetic(int opcode, int extension) {
      this.opcode = opcode;
      this.extension = extension;
    }
  }

  private static final int ZERO = 0x80;
  private static final int BROADCAST = 0x10;

  /** Those that a caller wants back as they were. */
  private static final Register[] SAVED = {
    Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15
  };

  private byte[] code = new byte[1024];
  private int size;

  /** The code so far; every label that a jump leads to must be placed. */
  byte[] bytes() {
    return Arrays.copyOf(code, size);
  }

  private void emit(int... bytes) {
    if (size + bytes.length > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    for (int b : bytes) {
      code[size++] = (byte) b;
    }
  }

  private void emitInt(int value) {
    emit(value, value >> 8, value >> 16, value >> 24);
  }

  // ---- operands

  private void operand(int reg, int rm) {
    emit(0xC0 | (reg & 7) << 3 | rm & 7);
  }

  private void operand(int reg, Address m) {
    boolean displaced = m.displacement() != 0 || m.base().low() == Register.RBP.low();
    int mode = (displaced ? 0x80 : 0) | (reg & 7) << 3;
    Register index = m.index();
    if (index != null) {
      emit(
          mode | 4,
          Integer.numberOfTrailingZeros(m.scale()) << 6 | index.low() << 3 | m.base().low());
    } else if (m.base().low() == Register.RSP.low()) {
      emit(mode | 4, 4 << 3 | m.base().low());
    } else {
      emit(mode | m.base().low());
    }
    if (displaced) {
      emitInt(m.displacement());
    }
  }

  private static int indexHigh(Address m) {
    Register index = m.index();
    return index == null ? 0 : index.high();
  }

  // ---- general registers

  private void rex(int wide, int reg, int index, int rm) {
    emit(0x40 | wide << 3 | reg << 2 | index << 1 | rm);
  }

  private void general(int opcode, Register reg, Address m) {
    rex(1, reg.high(), indexHigh(m), m.base().high());
    emit(opcode);
    operand(reg.ordinal(), m);
  }

  void move(Register to, Register from) {
    rex(1, to.high(), 0, from.high());
    emit(0x8B);
    operand(to.ordinal(), from.ordinal());
  }

  void move(Register to, Address from) {
    general(0x8B, to, from);
  }

  void move(Address to, Register from) {
    general(0x89, from, to);
  }

  /** Sign-extends {@code value} to 64 bits. */
  void move(Register to, int value) {
    rex(1, 0, 0, to.high());
    emit(0xC7);
    operand(0, to.ordinal());
    emitInt(value);
  }

  void address(Register to, Address of) {
    general(0x8D, to, of);
  }

  void compute(Arithmetic op, Register to, Register with) {
    rex(1, to.high(), 0, with.high());
    emit(op.opcode);
    operand(to.ordinal(), with.ordinal());
  }

  void compute(Arithmetic op, Register to, Address with) {
    general(op.opcode, to, with);
  }

  void compute(Arithmetic op, Register to, int value) {
    rex(1, 0, 0, to.high());
    emit(0x81);
    operand(op.extension, to.ordinal());
    emitInt(value);
  }

  void compute(Arithmetic op, Address to, int value) {
    rex(1, 0, indexHigh(to), to.base().high());
    emit(0x81);
    operand(op.extension, to);
    emitInt(value);
  }

  void shiftLeft(Register to, int bits) {
    rex(1, 0, 0, to.high());
    emit(0xC1);
    operand(4, to.ordinal());
    emit(bits);
  }

  void shiftRight(Register to, int bits) {
    rex(1, 0, 0, to.high());
    emit(0xC1);
    operand(5, to.ordinal());
    emit(bits);
  }

  void push(Register r) {
    rex(0, 0, 0, r.high());
    emit(0x50 | r.low());
  }

  void pop(Register r) {
    rex(0, 0, 0, r.high());
    emit(0x58 | r.low());
  }

  void cpuid() {
    emit(0x0F, 0xA2);
  }

  void xgetbv() {
    emit(0x0F, 0x01, 0xD0);
  }

  void ret() {
    emit(0xC3);
  }

  /** Asks for a line to be brought to all caches. */
  void prefetch(Address m) {
    prefetch(1, m);
  }

  /** The same, to all but the nearest. */
  void prefetchFar(Address m) {
    prefetch(2, m);
  }

  /** The same for a line that is read once, past all caches but the nearest. */
  void prefetchPassing(Address m) {
    prefetch(0, m);
  }

  private void prefetch(int hint, Address m) {
    rex(0, 0, indexHigh(m), m.base().high());
    emit(0x0F, 0x18);
    operand(hint, m);
  }

  /** A routine begins: all registers but RSP are its own. */
  void enter() {
    for (Register r : SAVED) {
      push(r);
    }
  }

  /** A routine that entered ends. */
  void leave() {
    zeroUpper();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      pop(SAVED[i]);
    }
    ret();
  }

  // ---- jumps

  Label label() {
    return new Label();
  }

  /** A label for what comes next. */
  Label here() {
    Label label = new Label();
    place(label);
    return label;
  }

  void place(Label label) {
    if (label.position >= 0) {
      throw new IllegalStateException("the label was placed before");
    }
    label.position = size;
    for (int at : label.jumps) {
      patch(at, label);
    }
  }

  void jump(Label to) {
    emit(0xE9);
    displacement(to);
  }

  void jump(Condition when, Label to) {
    emit(0x0F, 0x80 | when.code);
    displacement(to);
  }

  private void displacement(Label to) {
    emitInt(0);
    if (to.position >= 0) {
      patch(size - 4, to);
    } else {
      to.jumps = Arrays.copyOf(to.jumps, to.jumps.length + 1);
      to.jumps[to.jumps.length - 1] = size - 4;
    }
  }

  private void patch(int at, Label to) {
    int distance = to.position - (at + 4);
    for (int i = 0; i < 4; i++) {
      code[at + i] = (byte) (distance >> 8 * i);
    }
  }

  // ---- vectors

  /**
   * @param choice a mask register; + {@link #ZERO} where elements without a bit become zero, +
   *     {@link #BROADCAST} where memory holds one element for all
   */
  private void evex(VectorOp op, int reg, int index, int base, int second, int choice) {
    int inverted = (reg >> 3 & 1) << 7 | (index & 1) << 6 | (base & 1) << 5 | (reg >> 4 & 1) << 4;
    emit(
        0x62,
        inverted ^ 0xF0 | op.map,
        op.wide << 7 | (~second & 15) << 3 | 4 | op.prefix,
        op.length << 5 | (~second >> 4 & 1) << 3 | choice,
        op.opcode);
  }

  private void registers(VectorOp op, int reg, int second, int rm) {
    evex(op, reg, rm >> 4, rm >> 3, second, 0);
    operand(reg, rm);
  }

  private void memory(VectorOp op, int reg, int second, Address m, int choice) {
    evex(op, reg, indexHigh(m), m.base().high(), second, choice);
    operand(reg, m);
  }

  private static void require(boolean holds, VectorOp op, String form) {
    if (!holds) {
      throw new IllegalArgumentException(op + " has no form with " + form);
    }
  }

  void vector(VectorOp op, int to, int from) {
    require(op.sources() == 1 && !op.shifts(), op, "one source");
    registers(op, to, 0, from);
  }

  void vector(VectorOp op, int to, Address from) {
    require(op.sources() == 1 && !op.shifts(), op, "one source");
    memory(op, to, 0, from, 0);
  }

  void vector(VectorOp op, int to, int first, int second) {
    require(op.sources() == 2, op, "two sources");
    registers(op, to, first, second);
  }

  void vector(VectorOp op, int to, int first, Address second) {
    require(op.sources() == 2, op, "two sources");
    memory(op, to, first, second, 0);
  }

  /** The second source is one 32-bit element in memory, for all lanes. */
  void broadcasting(VectorOp op, int to, int first, Address second) {
    require(op.sources() == 2, op, "two sources");
    memory(op, to, first, second, BROADCAST);
  }

  /** A copy of {@code first} with a part, of the size the name says, from elsewhere. */
  void insert(VectorOp op, int to, int first, Address part, int place) {
    require(op.sources() == 2, op, "two sources");
    memory(op, to, first, part, 0);
    emit(place);
  }

  void insert(VectorOp op, int to, int first, int part, int place) {
    require(op.sources() == 2, op, "two sources");
    registers(op, to, first, part);
    emit(place);
  }

  /** The low halves of 16 elements. */
  void lowHalves(int to, int from) {
    registers(VectorOp.VPMOVDW, from, 0, to); // the result stands where others have their source
  }

  /**
   * Loads the elements whose bit is set in a mask register, zeros elsewhere; others are not read.
   * Mask 0 means all.
   */
  void load(VectorOp op, int to, Address from, int mask) {
    require(op.sources() == 1 && !op.shifts(), op, "one source");
    memory(op, to, 0, from, mask == 0 ? 0 : mask | ZERO);
  }

  /** Loads the elements whose bit is set in a mask register; others stay as they were. */
  void merge(VectorOp op, int to, Address from, int mask) {
    require(op.sources() == 1 && !op.shifts(), op, "one source");
    memory(op, to, 0, from, mask);
  }

  /** Stores the elements whose bit is set in a mask register, all with mask 0. */
  void store(VectorOp op, Address to, int from, int mask) {
    require(op.name().endsWith("_STORE"), op, "a place to store to");
    memory(op, from, 0, to, mask);
  }

  void shuffle(VectorOp op, int to, int first, int second, int choice) {
    require(op == VectorOp.VSHUFPS || op == VectorOp.VSHUFF32X4, op, "a choice");
    registers(op, to, first, second);
    emit(choice);
  }

  /** Compares, by the number that the manual gives the predicate; the result is a mask. */
  void compare(VectorOp op, int mask, int first, int second, int predicate) {
    require(op == VectorOp.VCMPPS, op, "a predicate");
    registers(op, mask, first, second);
    emit(predicate);
  }

  /** Where a mask register has no bit the result is zero. */
  void orZero(VectorOp op, int to, int first, int second, int mask) {
    require(op.sources() == 2, op, "two sources");
    evex(op, to, second >> 4, second >> 3, first, mask | ZERO);
    operand(to, second);
  }

  /** Shifts every element by so many bits. */
  void shift(VectorOp op, int to, int from, int bits) {
    require(op.shifts(), op, "a shift");
    registers(op, op.extension(), to, from);
    emit(bits);
  }

  /** Stores a quarter of a vector, the elements whose bit is set in a mask register. */
  void storeQuarter(Address to, int from, int quarter, int mask) {
    memory(VectorOp.VEXTRACTF32X4, from, 0, to, mask);
    emit(quarter);
  }

  void broadcast(int to, Register from) {
    registers(VectorOp.VPBROADCASTD_REGISTER, to, 0, from.ordinal());
  }

  /** The low 16 bits become a mask. */
  void mask(int to, Register from) {
    vex(1, 0, to, 0, from.high(), 0);
    emit(0x92);
    operand(to, from.ordinal());
  }

  /** The low 32 bits become a mask. */
  void longMask(int to, Register from) {
    vex(1, 3, to, 0, from.high(), 0);
    emit(0x92);
    operand(to, from.ordinal());
  }

  /** Clears upper halves, without which older code runs slowly afterwards. */
  void zeroUpper() {
    emit(0xC5, 0xF8, 0x77);
  }

  // ---- tiles (Intel, Software Developer's Manual, volume 1, chapter 18; volume 2, "TDP…")

  /** Takes up 64 bytes that give each tile's rows and bytes of a row; tiles become zero. */
  void configureTiles(Address from) {
    tile(0, 0x49, 0, from);
  }

  /** From here on there are no tiles, and switches between threads cost no more than before. */
  void releaseTiles() {
    tile(0, 0x49, 0, 0, 0);
  }

  void zeroTile(int t) {
    tile(3, 0x49, t, 0, 0);
  }

  /** Rows of a tile lie {@code index * scale} bytes apart. */
  void loadTile(int t, Address from) {
    requireStride(from);
    tile(3, 0x4B, t, from);
  }

  void storeTile(Address to, int t) {
    requireStride(to);
    tile(2, 0x4B, t, to);
  }

  /** {@code sum[m][n] += rows[m] * columns[n]} over all columns of a tile of rows. */
  void multiplyTiles(TileOp op, int sum, int rows, int columns) {
    tile(op.prefix, op.opcode, sum, rows, columns);
  }

  private static void requireStride(Address m) {
    if (m.index() == null) {
      throw new IllegalArgumentException("a tile in memory needs an index register, its stride");
    }
  }

  private void tile(int prefix, int opcode, int reg, int rm, int second) {
    vex(2, prefix, reg, 0, 0, second);
    emit(opcode);
    operand(reg, rm);
  }

  private void tile(int prefix, int opcode, int reg, Address m) {
    vex(2, prefix, reg, indexHigh(m), m.base().high(), 0);
    emit(opcode);
    operand(reg, m);
  }

  private void vex(int map, int prefix, int reg, int index, int base, int second) {
    emit(
        0xC4,
        ((reg >> 3 & 1) << 7 | index << 6 | base << 5) ^ 0xE0 | map,
        (~second & 15) << 3 | prefix);
  }
}
