package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.AND;
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

import dev.akvavit.cpu.machine.Assembler.Condition;
import dev.akvavit.cpu.machine.Assembler.Label;

/**
 * Emits products of BF16 rows with BF16 vectors on tiles (AMX).
 *
 * <p>Sixteen rows are a tile as they lie in memory, 32 columns at a time; sixteen vectors are one
 * after {@linkplain InterleaveRoutine interleaving}. A tile of rows meets two of vectors; a sum is
 * one tile over all columns and is turned round in the end, since rows lie together in the results.
 * A single vector is a tile of one column as it is, and its sums need no turning.
 *
 * <p>Two sums and two tiles to load into, and no more: a processor whose core serves two threads
 * has few tiles to rename, and with all eight in use each load waits for the products before it.
 * Measured there, two by two in eight tiles took twice as long, although they load a third less.
 *
 * <p>The same product with sides exchanged: rows are inputs, what is interleaved are weights that
 * were {@linkplain PanelRoutine decoded}. Then sums lie as results do, straight, and may go on from
 * what is there.
 *
 * <p>Each sum adds 32 columns at a time: sixteen even ones in order, sixteen odd ones in order, the
 * two together to what there was. That is one order for any number of rows and vectors.
 *
 * <p>Registers: RDI arguments, RSI rows, RDX vectors, RCX results, RAX steps left, R9 the tile of
 * rows, R11 and R12 those of vectors, R13 and R14 their strides, R15 from one step's vectors to the
 * next, RBP sums on their way, RBX from one row of sums to the next; R8, R10 and R12 prefetch the
 * rows of few vectors.
 */
final class TileRoutine {
  /** Rows, or vectors, of a tile. */
  static final int SIDE = 16;

  // Places of the arguments, in longs; offsets count bytes.
  static final int WEIGHTS = 0;
  static final int STRIDE = 1;
  static final int GROUPS = 2; // of sixteen rows
  static final int STEPS = 3; // of 32 columns
  static final int VECTORS = 4;
  static final int VECTOR_STRIDE = 5; // between pairs of columns
  static final int VECTOR_TILE = 6;
  static final int RESULTS = 7;
  static final int RESULT_STRIDE = 8;
  static final int COUNT = 9; // of vectors
  static final int ROW_MASK = 10; // a bit for each row that exists
  static final int GOES_ON = 11; // straight results begin with what is there
  static final int CONFIGURATION = 12;
  static final int SUMS = 20; // two tiles, from the next whole line on
  static final int ARGUMENTS = SUMS + 2 * 128 + 8;

  /** Tiles that are loaded; those before hold sums. */
  static final int ROWS = 2;

  static final int COLUMNS = 3;

  /** Bytes of a row: lines of rows a power of two apart crowd one another out of a near cache. */
  private static final int AHEAD = 256;

  private static final int LINE = 64;
  private static final int TILE = 1024;

  private final Assembler a = new Assembler();
  private final int vectorTiles;
  private final boolean single;
  private final boolean straight;

  private TileRoutine(int vectorTiles, boolean straight) {
    this.straight = straight;
    single = vectorTiles == 0;
    this.vectorTiles = Math.max(1, vectorTiles);
  }

  /**
   * @param vectorTiles 1 or 2, or 0 for a single vector
   * @param straight whether vectors lie together in the results, instead of rows
   */
  static byte[] of(int vectorTiles, boolean straight) {
    TileRoutine routine = new TileRoutine(vectorTiles, straight);
    routine.emit();
    return routine.a.bytes();
  }

  private void emit() {
    a.enter();
    a.compute(ADD, RSI, argument(WEIGHTS));
    a.compute(ADD, RDX, argument(VECTORS));
    a.compute(ADD, RCX, argument(RESULTS));
    a.move(R13, argument(STRIDE));
    a.move(R14, argument(VECTOR_STRIDE));
    a.move(R15, R14);
    a.shiftLeft(R15, 4);
    a.address(RBP, Address.at(RDI, 8 * SUMS + LINE - 1));
    a.compute(AND, RBP, -LINE);
    a.move(RAX, argument(ROW_MASK));
    a.mask(1, RAX);
    if (straight) {
      a.move(RBX, argument(RESULT_STRIDE));
    } else {
      a.move(RBX, single ? Float.BYTES : LINE);
    }
    a.configureTiles(argument(CONFIGURATION));
    Label group = a.here();
    begin();
    columns();
    if (straight) {
      straightResults();
      advance(RCX, RBX);
    } else {
      results();
      a.compute(ADD, RCX, LINE);
    }
    advance(RSI, R13);
    a.compute(SUB, argument(GROUPS), 1);
    a.jump(Condition.NOT_EQUAL, group);
    a.releaseTiles();
    a.leave();
  }

  /** All rows of a tile further, by way of RAX. */
  private void advance(Register to, Register stride) {
    a.move(RAX, stride);
    a.shiftLeft(RAX, 4);
    a.compute(ADD, to, RAX);
  }

  private void begin() {
    Label ready = a.label();
    if (straight) {
      Label nothingYet = a.label();
      a.compute(CMP, argument(GOES_ON), 0);
      a.jump(Condition.EQUAL, nothingYet);
      for (int v = 0; v < vectorTiles; v++) {
        a.loadTile(v, straightResult(v));
      }
      a.jump(ready);
      a.place(nothingYet);
    }
    for (int v = 0; v < vectorTiles; v++) {
      a.zeroTile(v);
    }
    a.place(ready);
  }

  private static Address straightResult(int sum) {
    return Address.at(RCX, RBX, 1, sum * LINE);
  }

  private void straightResults() {
    for (int v = 0; v < vectorTiles; v++) {
      a.storeTile(straightResult(v), v);
    }
  }

  private void columns() {
    a.move(R9, RSI);
    a.move(R11, RDX);
    if (vectorTiles == 2) {
      a.move(R12, RDX);
      a.compute(ADD, R12, argument(VECTOR_TILE));
    } else {
      a.address(R12, Address.at(R13, R13, 2, 0));
      a.address(R10, Address.at(RSI, AHEAD));
    }
    a.move(RAX, argument(STEPS));
    Label step = a.here();
    step();
    a.compute(ADD, R9, LINE);
    a.compute(ADD, R11, R15);
    if (vectorTiles == 2) {
      a.compute(ADD, R12, R15);
    }
    a.compute(SUB, RAX, 1);
    a.jump(Condition.NOT_EQUAL, step);
  }

  private void step() {
    Register[] vectors = {R11, R12};
    if (vectorTiles == 1 && !straight) {
      prefetch();
    }
    a.loadTile(ROWS, Address.at(R9, R13, 1, 0));
    for (int v = 0; v < vectorTiles; v++) {
      a.loadTile(COLUMNS, Address.at(vectors[v], R14, 1, 0));
      a.multiplyTiles(TileOp.TDPBF16PS, v, ROWS, COLUMNS);
    }
  }

  /**
   * Few vectors wait for memory: what comes later is asked for, a line of each of sixteen rows.
   * When they end it is the next sixteen's.
   */
  private void prefetch() {
    Label within = a.label();
    a.compute(CMP, RAX, AHEAD / LINE);
    a.jump(Condition.NOT_EQUAL, within);
    a.move(R10, RSI);
    advance(R10, R13);
    a.move(RAX, AHEAD / LINE);
    a.place(within);
    a.move(R8, R10);
    for (int r = 0; r < SIDE; r += 4) {
      a.prefetch(Address.at(R8, 0));
      a.prefetch(Address.at(R8, R13, 1, 0));
      a.prefetch(Address.at(R8, R13, 2, 0));
      a.prefetch(Address.at(R8, R12, 1, 0));
      a.address(R8, Address.at(R8, R13, 4, 0));
    }
    a.compute(ADD, R10, LINE);
  }

  private void results() {
    if (single) {
      a.storeTile(Address.at(RCX, RBX, 1, 0), 0);
      return;
    }
    for (int v = 0; v < vectorTiles; v++) {
      a.storeTile(Address.at(RBP, RBX, 1, v * TILE), v);
    }
    Label done = a.label();
    a.move(R8, RCX);
    a.move(RAX, argument(COUNT));
    for (int v = 0; v < vectorTiles; v++) {
      for (int i = 0; i < SIDE; i++) {
        a.vector(VectorOp.VMOVUPS, i, Address.at(RBP, v * TILE + i * LINE));
      }
      Transposition.emit(a);
      for (int i = 0; i < SIDE; i++) {
        a.store(VectorOp.VMOVUPS_STORE, Address.at(R8, 0), i, 1);
        a.compute(ADD, R8, argument(RESULT_STRIDE));
        a.compute(SUB, RAX, 1);
        a.jump(Condition.EQUAL, done);
      }
    }
    a.place(done);
  }
}
