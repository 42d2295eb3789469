package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.BlockShape.BLOCK;
import static dev.akvavit.cpu.machine.BlockShape.LANES;
import static dev.akvavit.cpu.machine.BlockShape.LINE;
import static dev.akvavit.cpu.machine.Register.R10;
import static dev.akvavit.cpu.machine.Register.R11;
import static dev.akvavit.cpu.machine.Register.R12;
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
 * Emits the weighted sums of a block of BF16 values: {@code sums = sums * shrink + weights *
 * values}.
 *
 * <p>Columns go in stripes of 64 or 32. Neighbouring rows of a stripe are interleaved once for all
 * tiles, as products of pairs want them. Interleaving works within quarters of a register, so that
 * columns {@code 8i .. 8i + 4} of 32 come first and {@code 8i + 4 .. 8i + 8} last; {@link
 * MoveRoutine#sums} puts them in order at the end.
 */
final class ValueRoutine {
  private static final Register[] BASES = {R8, R9, R10, R11};
  private static final int HALF = BLOCK / 2 * LINE; // of the room for pairs: sixteen columns
  private static final int STRIPE = 32;
  private static final int SQUARE = LANES * LINE; // sums of a tile's rows and sixteen columns
  private static final int VALUE = 16;
  private static final int WEIGHTS_TILE = 4; // those before hold sums; few tiles, as in TileRoutine
  private static final int VALUE_TILE = 5;

  private final Assembler a = new Assembler();

  private ValueRoutine() {}

  /** By pairs of BF16 numbers: sixteen sums of sixteen columns in registers. */
  static byte[] ofPairs() {
    ValueRoutine routine = new ValueRoutine();
    routine.emit(false);
    return routine.a.bytes();
  }

  /** By tiles of BF16 pairs. */
  static byte[] ofTiles() {
    ValueRoutine routine = new ValueRoutine();
    routine.emit(true);
    return routine.a.bytes();
  }

  /** Bytes of room for interleaved values. */
  static int room() {
    return 4 * HALF;
  }

  // RBX the stripe's first column, in bytes of a value; RAX bytes of a row of values, or of a tile
  // of sums.

  private void emit(boolean tiles) {
    a.enter();
    if (tiles) {
      shrink();
      a.move(RAX, argument(BlockShape.TILE_SHAPES));
      a.configureTiles(Address.at(RAX, 0));
    }
    a.move(RBX, 0);
    Label narrow = a.label();
    Label done = a.label();
    if (tiles) {
      Label wide = a.here();
      a.address(RAX, Address.at(RBX, 2 * 2 * STRIPE));
      a.shiftRight(RAX, 1);
      a.compute(CMP, RAX, argument(BlockShape.COLUMNS));
      a.jump(Condition.ABOVE, narrow);
      stripe(2, true);
      a.jump(wide);
      a.place(narrow);
    }
    Label next = a.here();
    a.move(RAX, RBX);
    a.shiftRight(RAX, 1);
    a.compute(CMP, RAX, argument(BlockShape.COLUMNS));
    a.jump(Condition.ABOVE_OR_EQUAL, done);
    stripe(1, tiles);
    a.jump(next);
    a.place(done);
    if (tiles) {
      a.releaseTiles();
    }
    a.leave();
  }

  private void stripe(int pieces, boolean tiles) {
    interleave(pieces);
    a.move(RSI, argument(BlockShape.SUMS));
    a.move(RAX, RBX);
    a.shiftLeft(RAX, 5);
    a.compute(ADD, RSI, RAX);
    a.move(RDX, argument(BlockShape.WEIGHTS));
    a.move(RCX, argument(BlockShape.STATE));
    a.move(RAX, argument(BlockShape.TILES));
    a.move(argument(BlockShape.LEFT_TILES), RAX);
    a.move(RAX, argument(BlockShape.COLUMNS));
    a.shiftLeft(RAX, 6);
    Label tile = a.here();
    if (tiles) {
      tilesOfStripe(pieces);
    } else {
      pairsOfStripe(0);
      pairsOfStripe(1);
    }
    a.compute(ADD, RDX, BlockShape.WEIGHT_TILE);
    a.compute(ADD, RCX, BlockShape.STATE_TILE);
    a.compute(ADD, RSI, RAX);
    a.compute(SUB, argument(BlockShape.LEFT_TILES), 1);
    a.jump(Condition.NOT_EQUAL, tile);
    a.compute(ADD, RBX, 2 * pieces * STRIPE);
  }

  /** Two rows at a time: first halves of quarters to one place, second halves to another. */
  private void interleave(int pieces) {
    a.move(RSI, argument(BlockShape.VALUES));
    a.move(RDX, argument(BlockShape.PAIRS));
    a.move(RAX, argument(BlockShape.VALUE_STRIDE));
    a.move(RCX, argument(BlockShape.ROWS));
    Label group = a.here();
    a.move(R8, Address.at(RSI, 0));
    a.compute(ADD, R8, RBX);
    BlockShape.spread(a, BASES, RAX, RBP);
    for (int pair = 0; pair < LANES / 2; pair++) {
      for (int piece = 0; piece < pieces; piece++) {
        int v = 6 * (pair % 4) + 3 * piece;
        int column = 2 * STRIPE * piece;
        Address second = BlockShape.row(BASES, RAX, RBP, 2 * pair + 1, column);
        a.vector(VectorOp.VMOVUPS, v, BlockShape.row(BASES, RAX, RBP, 2 * pair, column));
        a.vector(VectorOp.VMOVUPS, v + 1, second);
        a.vector(VectorOp.VPUNPCKLWD, v + 2, v, v + 1);
        a.vector(VectorOp.VPUNPCKHWD, v, v, v + 1);
        int to = 2 * piece * HALF + pair * LINE;
        a.vector(VectorOp.VMOVUPS_STORE, v + 2, Address.at(RDX, to));
        a.vector(VectorOp.VMOVUPS_STORE, v, Address.at(RDX, to + HALF));
      }
    }
    a.compute(ADD, RSI, Long.BYTES);
    a.compute(ADD, RDX, LANES / 2 * LINE);
    a.compute(SUB, RCX, LANES);
    a.jump(Condition.NOT_EQUAL, group);
  }

  /** Sixteen columns of one tile's sums, which RSI leads to. */
  private void pairsOfStripe(int half) {
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VMOVUPS, i, Address.at(RSI, half * SQUARE + i * LINE));
      a.broadcasting(VectorOp.VMULPS, i, i, Address.at(RCX, BlockShape.SHRINK + i * Float.BYTES));
    }
    a.move(R12, argument(BlockShape.ROWS));
    a.push(RBX);
    a.push(RDX);
    a.move(RBX, argument(BlockShape.PAIRS));
    Label pairs = a.here();
    for (int pair = 0; pair < 4; pair++) {
      a.vector(VectorOp.VMOVUPS, VALUE + pair, Address.at(RBX, half * HALF + pair * LINE));
      for (int i = 0; i < LANES; i++) {
        a.broadcasting(
            VectorOp.VDPBF16PS,
            i,
            VALUE + pair,
            Address.at(RDX, i * BlockShape.WEIGHT_ROW + pair * Float.BYTES));
      }
    }
    a.compute(ADD, RBX, 4 * LINE);
    a.compute(ADD, RDX, 4 * Float.BYTES);
    a.compute(SUB, R12, 8);
    a.jump(Condition.NOT_EQUAL, pairs);
    a.pop(RDX);
    a.pop(RBX);
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RSI, half * SQUARE + i * LINE));
    }
  }

  /** All columns of the stripe of one tile's sums, in tiles 0 to 3. */
  private void tilesOfStripe(int pieces) {
    int halves = 2 * pieces;
    a.move(R12, LINE);
    for (int half = 0; half < halves; half++) {
      a.loadTile(half, Address.at(RSI, R12, 1, half * SQUARE));
    }
    a.move(R8, RDX);
    a.move(R9, argument(BlockShape.PAIRS));
    a.move(R10, argument(BlockShape.ROWS));
    a.move(R11, BlockShape.WEIGHT_ROW);
    Label rows = a.here();
    a.loadTile(WEIGHTS_TILE, Address.at(R8, R11, 1, 0));
    for (int half = 0; half < halves; half++) {
      a.loadTile(VALUE_TILE, Address.at(R9, R12, 1, half * HALF));
      a.multiplyTiles(TileOp.TDPBF16PS, half, WEIGHTS_TILE, VALUE_TILE);
    }
    a.compute(ADD, R8, LINE);
    a.compute(ADD, R9, LANES * LINE);
    a.compute(SUB, R10, 2 * LANES);
    a.jump(Condition.NOT_EQUAL, rows);
    for (int half = 0; half < halves; half++) {
      a.storeTile(Address.at(RSI, R12, 1, half * SQUARE), half);
    }
  }

  /** Multiplies all sums by what they shrink by, where one does. */
  private void shrink() {
    Label none = a.label();
    a.compute(CMP, argument(BlockShape.RESCALE), 0);
    a.jump(Condition.EQUAL, none);
    a.move(RSI, argument(BlockShape.SUMS));
    a.move(RCX, argument(BlockShape.STATE));
    a.move(RAX, argument(BlockShape.TILES));
    a.move(argument(BlockShape.LEFT_TILES), RAX);
    Label tile = a.here();
    a.move(RDX, argument(BlockShape.COLUMNS));
    Label square = a.here();
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VMOVUPS, i, Address.at(RSI, i * LINE));
      a.broadcasting(VectorOp.VMULPS, i, i, Address.at(RCX, BlockShape.SHRINK + i * Float.BYTES));
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RSI, i * LINE));
    }
    a.compute(ADD, RSI, SQUARE);
    a.compute(SUB, RDX, LANES);
    a.jump(Condition.NOT_EQUAL, square);
    a.compute(ADD, RCX, BlockShape.STATE_TILE);
    a.compute(SUB, argument(BlockShape.LEFT_TILES), 1);
    a.jump(Condition.NOT_EQUAL, tile);
    a.place(none);
  }
}
