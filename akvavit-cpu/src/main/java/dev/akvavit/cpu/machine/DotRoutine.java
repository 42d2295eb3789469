package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
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
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits the dot products of many stored rows with one to six vectors, of quantised rows with up to
 * four, four rows at a time.
 *
 * <p>An accumulator of 16 lanes a product, {@code 4 * tokens} of them in registers: lane {@code i %
 * 16} adds in ascending order by fused multiply-add, lanes fold in halves. That is the order of
 * sums of the loops on the Vector API at 512 bits, so the bits are theirs. Accumulators may be left
 * in memory and taken up again, which cuts long rows into pieces that stay in the nearest cache.
 *
 * <p>Of BF16 pairs each lane adds two columns, the later one first, as {@code vdpbf16ps} does.
 *
 * <p>Rows lie a stride apart, or where a table of addresses says.
 *
 * <p>Registers: RDI arguments, RSI and R9 to R11 four rows, RCX results, R8 accumulators kept, RAX
 * the column, RDX the end of columns; the vectors' registers are {@link #VECTORS}, whose last but
 * one counts the bytes of quantised rows. Masks: 1 the columns of the tail, 2 the rows of a group
 * that exist.
 */
final class DotRoutine {
  static final int MOST_TOKENS = 6;
  static final int MOST_QUANTISED = 4; // factors take the other registers
  static final int ROWS = 4;

  // Places of the arguments, in longs; offsets count bytes.
  static final int WEIGHTS = 0;
  static final int STRIDE = 1;
  static final int ROW_COUNT = 2;
  static final int COLUMNS = 3; // whole vectors only
  static final int TAIL = 4; // a bit for each column that remains
  static final int RESULTS = 5;
  static final int RESULT_STRIDE = 6;
  static final int VECTOR = 7; // and five more
  static final int FACTORS = 13;
  static final int BLOCK_COLUMNS = 14;
  static final int TAKE_UP = 15; // accumulators begin with those kept
  static final int KEEP = 16; // accumulators are kept instead of folded
  static final int F8_BIAS = 17; // 2^8 as a float: what e4m3 read as binary16 lacks
  static final int NEXT_FACTOR = 18;
  static final int NEXT_ROW = 19; // place in the table of addresses
  static final int AHEAD = 20; // bytes from what is read to what is prefetched
  static final int ARGUMENTS = 21;

  private static final Register[] WEIGHT_ROWS = {RSI, R9, R10, R11};
  private static final Register[] VECTORS = {R12, R13, R14, R15, RBX, RBP};
  private static final Register BLOCK = VECTORS[4];
  private static final Register AHEAD_OF = VECTORS[2]; // a single vector leaves it free
  private static final int TABLE = 16; // and three more
  private static final int SCALE = 20; // and three more
  private static final int WEIGHT = 24; // and three more
  private static final int X = 28;
  private static final int FREE = 29;
  private static final int FACTOR = 30;
  private static final int F8_BITS = 31;
  private static final int Q4_CODES = 31;
  private static final int LANES = 16;
  private static final int LINE = 64;

  private final Assembler a = new Assembler();
  private final Stored type;
  private final boolean gathered;
  private final int tokens;
  private final boolean passing; // prefetches as SixteenRows.Asking has it

  private DotRoutine(Stored type, boolean gathered, int tokens, boolean amd) {
    this.type = type;
    this.gathered = gathered;
    this.tokens = tokens;
    passing = amd && !gathered;
  }

  /**
   * @param gathered whether the rows' addresses are listed
   * @param amd whether for a processor of AMD's
   */
  static byte[] of(Stored type, boolean gathered, int tokens, boolean amd) {
    DotRoutine routine = new DotRoutine(type, gathered, tokens, amd);
    routine.emit();
    return routine.a.bytes();
  }

  private static int accumulator(int token, int row) {
    return token * ROWS + row;
  }

  private void emit() {
    a.enter();
    for (int t = 0; t < tokens; t++) {
      a.move(VECTORS[t], argument(VECTOR + t));
      a.compute(ADD, VECTORS[t], RDX);
    }
    a.compute(ADD, RCX, argument(RESULTS));
    a.compute(ADD, RSI, argument(WEIGHTS));
    if (gathered) {
      a.move(argument(NEXT_ROW), RSI);
    }
    a.move(RAX, argument(TAIL));
    a.longMask(1, RAX);
    if (type == Stored.F8) {
      a.move(RAX, 0xBFFF_BFFF);
      a.broadcast(F8_BITS, RAX);
    }
    if (type == Stored.Q4) {
      a.vector(VectorOp.VMOVUPS, Q4_CODES, Address.at(R8, 0));
    }
    Label done = a.label();
    Label group = a.here();
    pointAtRows(done);
    begin();
    columns();
    end();
    advance(group);
    a.place(done);
    a.leave();
  }

  /** Four rows while four are left; then each alone, standing for all four. */
  private void pointAtRows(Label done) {
    Label alone = a.label();
    Label ready = a.label();
    a.move(RAX, argument(ROW_COUNT));
    a.compute(CMP, RAX, ROWS);
    a.jump(Condition.BELOW, alone);
    if (gathered) {
      a.move(RAX, argument(NEXT_ROW));
      for (int r = 0; r < ROWS; r++) {
        a.move(WEIGHT_ROWS[r], Address.at(RAX, Long.BYTES * r));
      }
    } else {
      a.move(RAX, argument(STRIDE));
      a.address(R9, Address.at(RSI, RAX, 1, 0));
      a.address(R10, Address.at(RSI, RAX, 2, 0));
      a.address(R11, Address.at(R10, RAX, 1, 0));
    }
    a.move(RAX, (1 << ROWS) - 1);
    a.jump(ready);
    a.place(alone);
    a.compute(CMP, RAX, 0);
    a.jump(Condition.EQUAL, done);
    if (gathered) {
      a.move(RAX, argument(NEXT_ROW));
      a.move(RSI, Address.at(RAX, 0));
    }
    a.move(R9, RSI);
    a.move(R10, RSI);
    a.move(R11, RSI);
    a.move(RAX, 1);
    a.place(ready);
    a.mask(2, RAX);
  }

  private void advance(Label group) {
    Label alone = a.label();
    a.compute(CMP, argument(ROW_COUNT), ROWS);
    a.jump(Condition.BELOW, alone);
    advance(ROWS);
    a.jump(group);
    a.place(alone);
    advance(1);
    a.jump(group);
  }

  private void advance(int rows) {
    a.compute(SUB, argument(ROW_COUNT), rows);
    a.compute(ADD, RCX, rows * Float.BYTES);
    if (gathered) {
      a.compute(ADD, argument(NEXT_ROW), rows * Long.BYTES);
    } else {
      a.move(RAX, argument(STRIDE));
      a.address(RSI, Address.at(RSI, RAX, rows, 0));
    }
  }

  // ---- accumulators

  private void begin() {
    Label fresh = a.label();
    Label ready = a.label();
    a.compute(CMP, argument(TAKE_UP), 0);
    a.jump(Condition.EQUAL, fresh);
    for (int i = 0; i < tokens * ROWS; i++) {
      a.vector(VectorOp.VMOVUPS, i, Address.at(R8, i * LINE));
    }
    a.jump(ready);
    a.place(fresh);
    for (int i = 0; i < tokens * ROWS; i++) {
      a.vector(VectorOp.VPXORD, i, i, i);
    }
    a.place(ready);
  }

  private void end() {
    Label fold = a.label();
    Label done = a.label();
    a.compute(CMP, argument(KEEP), 0);
    a.jump(Condition.EQUAL, fold);
    for (int i = 0; i < tokens * ROWS; i++) {
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(R8, i * LINE));
    }
    a.jump(done);
    a.place(fold);
    a.move(RAX, RCX);
    for (int t = 0; t < tokens; t += 4) {
      fold(t, Math.min(4, tokens - t));
    }
    a.place(done);
    a.compute(ADD, R8, tokens * ROWS * LINE);
  }

  // ---- columns

  private void columns() {
    a.move(RAX, 0);
    if (tokens == 1) {
      a.move(AHEAD_OF, argument(AHEAD));
    }
    if (type.quantised()) {
      blocks();
      return;
    }
    if (type != Stored.F8) {
      a.move(RDX, argument(COLUMNS));
      stretch();
      tail();
      return;
    }
    a.move(RDX, argument(FACTORS));
    a.move(argument(NEXT_FACTOR), RDX);
    Label done = a.label();
    Label block = a.here();
    a.compute(CMP, RAX, argument(COLUMNS));
    a.jump(Condition.ABOVE_OR_EQUAL, done);
    a.move(RDX, argument(NEXT_FACTOR));
    a.vector(VectorOp.VBROADCASTSS, FACTOR, Address.at(RDX, 0));
    a.vector(VectorOp.VBROADCASTSS, FREE, argument(F8_BIAS));
    a.vector(VectorOp.VMULPS, FACTOR, FACTOR, FREE);
    a.compute(ADD, argument(NEXT_FACTOR), Float.BYTES);
    Label whole = a.label();
    a.move(RDX, RAX);
    a.compute(ADD, RDX, argument(BLOCK_COLUMNS));
    a.compute(CMP, RDX, argument(COLUMNS));
    a.jump(Condition.BELOW_OR_EQUAL, whole);
    a.move(RDX, argument(COLUMNS));
    a.place(whole);
    stretch();
    a.jump(block);
    a.place(done);
  }

  /** Quantised rows: a factor is read with every block, and multiplied to codes first. */
  private void blocks() {
    Label none = a.label();
    a.move(BLOCK, 0);
    a.compute(CMP, RAX, argument(COLUMNS));
    a.jump(Condition.ABOVE_OR_EQUAL, none);
    Label block = a.here();
    for (int r = 0; r < ROWS; r++) {
      a.vector(VectorOp.VPBROADCASTW_YMM, SCALE + r, Address.at(WEIGHT_ROWS[r], BLOCK, 1, 0));
      a.vector(VectorOp.VCVTPH2PS, SCALE + r, SCALE + r);
      if (type == Stored.Q4) {
        a.vector(VectorOp.VMULPS, TABLE + r, Q4_CODES, SCALE + r);
      }
    }
    if (tokens == 1) {
      prefetch(type.bytes);
    }
    for (int half = 0; half < 2; half++) {
      for (int r = 0; r < ROWS; r++) {
        codes(r, half);
      }
      multiply(half * LANES);
    }
    a.compute(ADD, RAX, Stored.BLOCK);
    a.compute(ADD, BLOCK, type.bytes);
    a.compute(CMP, RAX, argument(COLUMNS));
    a.jump(Condition.BELOW, block);
    a.place(none);
  }

  /** Sixteen weights of a block of row {@code r}; Q4 looks its sixteen values up by nibble. */
  private void codes(int r, int half) {
    int w = WEIGHT + r;
    Register row = WEIGHT_ROWS[r];
    if (type == Stored.Q8) {
      a.vector(VectorOp.VPMOVSXBD, w, Address.at(row, BLOCK, 1, 2 + half * LANES));
      a.vector(VectorOp.VCVTDQ2PS, w, w);
      a.vector(VectorOp.VMULPS, w, w, SCALE + r);
      return;
    }
    a.vector(VectorOp.VPMOVZXBD, w, Address.at(row, BLOCK, 1, 2));
    if (half == 1) {
      a.shift(VectorOp.VPSRLD, w, w, 4);
    }
    a.vector(VectorOp.VPERMPS, w, w, TABLE + r);
  }

  /**
   * While so many bytes of each row are read, as many of the next four: in the order of their
   * addresses, which memory gives faster than four rows side by side.
   */
  private void prefetch(int bytes) {
    for (int r = 0; r < ROWS; r++) {
      Register row = gathered ? WEIGHT_ROWS[r] : RSI;
      Address line = Address.at(row, AHEAD_OF, 1, gathered ? 0 : r * bytes);
      if (passing) {
        a.prefetchPassing(line);
      } else {
        a.prefetch(line);
      }
    }
    a.compute(ADD, AHEAD_OF, gathered ? bytes : ROWS * bytes);
  }

  /** Columns RAX to RDX; with a single vector, prefetching. */
  private void stretch() {
    if (tokens == 1) {
      int columns = LINE / type.bytes;
      Label out = a.label();
      Label line = a.here();
      Register next = VECTORS[1];
      a.address(next, Address.at(RAX, columns));
      a.compute(CMP, RDX, next);
      a.jump(Condition.BELOW, out);
      prefetch(LINE);
      for (int k = 0; k < columns; k += type.columns()) {
        step(k);
      }
      a.move(RAX, next);
      a.jump(line);
      a.place(out);
    }
    Label out = a.label();
    a.compute(CMP, RAX, RDX);
    a.jump(Condition.ABOVE_OR_EQUAL, out);
    Label vector = a.here();
    step(0);
    a.compute(ADD, RAX, type.columns());
    a.compute(CMP, RAX, RDX);
    a.jump(Condition.BELOW, vector);
    a.place(out);
  }

  private void step(int ahead) {
    for (int r = 0; r < ROWS; r++) {
      load(WEIGHT + r, Address.at(WEIGHT_ROWS[r], RAX, type.bytes, ahead * type.bytes), 0);
    }
    multiply(ahead);
  }

  private void load(int w, Address from, int mask) {
    type.load(a, w, from, mask);
    if (type == Stored.F8) {
      // An e4m3 code shifted into place is a binary16 number 2^8 times too small.
      a.shift(VectorOp.VPSLLW_YMM, w, w, 7);
      a.vector(VectorOp.VPANDD_YMM, w, w, F8_BITS);
      a.vector(VectorOp.VCVTPH2PS, w, w);
      a.vector(VectorOp.VMULPS, w, w, FACTOR);
    }
  }

  private void multiply(int ahead) {
    int bytes = type.vectorBytes();
    VectorOp add = type == Stored.PAIRS ? VectorOp.VDPBF16PS : VectorOp.VFMADD231PS;
    for (int t = 0; t < tokens; t++) {
      a.vector(VectorOp.VMOVUPS, X, Address.at(VECTORS[t], RAX, bytes, ahead * bytes));
      for (int r = 0; r < ROWS; r++) {
        a.vector(add, accumulator(t, r), WEIGHT + r, X);
      }
    }
  }

  /** The last columns that fill no vector: weights beyond them are not read and count as zero. */
  private void tail() {
    Label none = a.label();
    a.compute(CMP, argument(TAIL), 0);
    a.jump(Condition.EQUAL, none);
    for (int r = 0; r < ROWS; r++) {
      load(WEIGHT + r, Address.at(WEIGHT_ROWS[r], RAX, type.bytes, 0), 1);
    }
    multiply(0);
    a.place(none);
  }

  // ---- folding

  /**
   * Sums of up to 16 accumulators at once: halves of two become one vector, four times. In the end
   * quarter {@code i} of a vector holds the four rows of token {@code first + i}.
   */
  private void fold(int first, int count) {
    for (int r = 0; r < ROWS; r++) {
      int p = accumulator(first, r);
      int q = accumulator(first + 1, r);
      join(VectorOp.VSHUFF32X4, p, p, count > 1 ? q : p, 0x44, 0xEE);
      int s = p;
      if (count > 2) {
        s = accumulator(first + 2, r);
        join(VectorOp.VSHUFF32X4, s, s, count > 3 ? accumulator(first + 3, r) : s, 0x44, 0xEE);
      }
      join(VectorOp.VSHUFF32X4, p, p, s, 0x88, 0xDD);
    }
    int p = accumulator(first, 0);
    join(VectorOp.VSHUFPS, p, p, p + 1, 0x44, 0xEE);
    join(VectorOp.VSHUFPS, p + 2, p + 2, p + 3, 0x44, 0xEE);
    join(VectorOp.VSHUFPS, p, p, p + 2, 0x88, 0xDD);
    for (int t = 0; t < count; t++) {
      a.storeQuarter(Address.at(RAX, 0), p, t, 2);
      a.compute(ADD, RAX, argument(RESULT_STRIDE));
    }
  }

  private void join(VectorOp op, int to, int p, int q, int lower, int upper) {
    a.shuffle(op, WEIGHT, p, q, lower);
    a.shuffle(op, WEIGHT + 1, p, q, upper);
    a.vector(VectorOp.VADDPS, to, WEIGHT, WEIGHT + 1);
  }
}
