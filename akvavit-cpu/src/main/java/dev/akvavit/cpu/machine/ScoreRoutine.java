package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Address.argument;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.CMP;
import static dev.akvavit.cpu.machine.Assembler.Arithmetic.SUB;
import static dev.akvavit.cpu.machine.BlockShape.LANES;
import static dev.akvavit.cpu.machine.BlockShape.LINE;
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
import java.util.function.Consumer;

/**
 * Emits the scores of a block of BF16 keys for tiles of 16 queries: {@code scores[row][query] = sum
 * over columns of key * query}, straight from the cache; queries are the lanes, so a key is read
 * once for sixteen of them. While a group is at work, the next one's lines are prefetched.
 */
final class ScoreRoutine {
  private static final Register[] GROUP = {R8, R9, R10, R11};
  private static final Register[] NEXT = {R12, R13, R14, R15};
  private static final int QUERY = 16;
  private static final int KEY_TILE = 4; // those before hold sums; few tiles, as in TileRoutine
  private static final int QUERY_TILE = 5;

  private final Assembler a = new Assembler();

  private ScoreRoutine() {}

  /** By pairs of BF16 numbers: sixteen keys in registers, queries from memory. */
  static byte[] ofPairs() {
    ScoreRoutine routine = new ScoreRoutine();
    routine.pairs();
    return routine.a.bytes();
  }

  /** By tiles of BF16 pairs. */
  static byte[] ofTiles() {
    ScoreRoutine routine = new ScoreRoutine();
    routine.tiles();
    return routine.a.bytes();
  }

  // RSI table, RBX groups' scores, RDX queries, RCX a tile's scores, RAX and RBP strides

  private void pairs() {
    a.enter();
    a.move(RSI, argument(BlockShape.KEYS));
    a.move(RBX, argument(BlockShape.SCORES));
    a.move(RAX, argument(BlockShape.ROWS));
    a.move(argument(BlockShape.LEFT), RAX);
    Label group = a.here();
    everyTile(this::pairsOfTile);
    a.compute(ADD, RSI, Long.BYTES);
    a.compute(ADD, RBX, LANES * LINE);
    a.compute(SUB, argument(BlockShape.LEFT), LANES);
    a.jump(Condition.NOT_EQUAL, group);
    a.leave();
  }

  /** Runs {@code body} for each tile: while the first is at work the next keys are prefetched. */
  private void everyTile(Consumer<Boolean> body) {
    Label done = a.label();
    a.move(RDX, argument(BlockShape.QUERIES));
    a.move(RCX, argument(BlockShape.TILES));
    a.move(argument(BlockShape.LEFT_TILES), RCX);
    a.move(RCX, RBX);
    a.push(RBX);
    body.accept(true);
    Label tile = a.here();
    a.compute(ADD, RCX, BlockShape.SCORE_TILE);
    a.compute(SUB, argument(BlockShape.LEFT_TILES), 1);
    a.jump(Condition.EQUAL, done);
    body.accept(false);
    a.jump(tile);
    a.place(done);
    a.pop(RBX);
  }

  private void pairsOfTile(boolean first) {
    a.move(RAX, argument(BlockShape.KEY_STRIDE));
    a.move(GROUP[0], Address.at(RSI, 0));
    BlockShape.spread(a, GROUP, RAX, RBP);
    if (first) {
      a.move(NEXT[0], Address.at(RSI, Long.BYTES));
      BlockShape.spread(a, NEXT, RAX, RBP);
    }
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VPXORD, i, i, i);
    }
    a.move(RBX, argument(BlockShape.KEY_BYTES));
    Label columns = a.here();
    for (int pair = 0; pair < LANES; pair++) {
      a.vector(VectorOp.VMOVUPS, QUERY, Address.at(RDX, pair * LINE));
      if (first) {
        a.prefetch(BlockShape.row(NEXT, RAX, RBP, pair, 0));
      }
      for (int i = 0; i < LANES; i++) {
        a.broadcasting(
            VectorOp.VDPBF16PS, i, QUERY, BlockShape.row(GROUP, RAX, RBP, i, pair * Float.BYTES));
      }
    }
    BlockShape.advance(a, GROUP, LINE);
    if (first) {
      BlockShape.advance(a, NEXT, LINE);
    }
    a.compute(ADD, RDX, LANES * LINE);
    a.compute(SUB, RBX, LINE);
    a.jump(Condition.NOT_EQUAL, columns);
    for (int i = 0; i < LANES; i++) {
      a.vector(VectorOp.VMOVUPS_STORE, i, Address.at(RCX, i * LINE));
    }
  }

  private void tiles() {
    a.enter();
    a.move(RAX, argument(BlockShape.TILE_SHAPES));
    a.configureTiles(Address.at(RAX, 0));
    a.move(RSI, argument(BlockShape.KEYS));
    a.move(RBX, argument(BlockShape.SCORES));
    a.move(RAX, argument(BlockShape.ROWS));
    a.move(argument(BlockShape.LEFT), RAX);
    a.move(RAX, argument(BlockShape.KEY_STRIDE));
    a.move(RBP, LINE);
    Label two = a.label();
    Label done = a.label();
    Label four = a.here();
    a.compute(CMP, argument(BlockShape.LEFT), 4 * LANES);
    a.jump(Condition.BELOW, two);
    groups(4);
    a.jump(four);
    a.place(two);
    a.compute(CMP, argument(BlockShape.LEFT), 0);
    a.jump(Condition.EQUAL, done);
    groups(2);
    a.jump(two);
    a.place(done);
    a.releaseTiles();
    a.leave();
  }

  private void groups(int count) {
    everyTile(first -> tilesOfTile(count, first));
    a.compute(ADD, RSI, count * Long.BYTES);
    a.compute(ADD, RBX, count * LANES * LINE);
    a.compute(SUB, argument(BlockShape.LEFT), count * LANES);
  }

  /**
   * Tiles 0 to 3 are sums of as many groups. What follows a group is prefetched as if its rows were
   * neighbours, which those of a single head are.
   */
  private void tilesOfTile(int count, boolean first) {
    for (int g = 0; g < count; g++) {
      a.move(GROUP[g], Address.at(RSI, Long.BYTES * g));
      if (first) {
        a.move(NEXT[g], Address.at(RSI, Long.BYTES * (count + g)));
      }
      a.zeroTile(g);
    }
    a.move(RBX, argument(BlockShape.KEY_BYTES));
    Label columns = a.here();
    a.loadTile(QUERY_TILE, Address.at(RDX, RBP, 1, 0));
    for (int g = 0; g < count; g++) {
      a.loadTile(KEY_TILE, Address.at(GROUP[g], RAX, 1, 0));
      a.multiplyTiles(TileOp.TDPBF16PS, g, KEY_TILE, QUERY_TILE);
      a.compute(ADD, GROUP[g], LINE);
      if (first) {
        for (int line = 0; line < LANES; line++) {
          a.prefetchFar(Address.at(NEXT[g], line * LINE));
        }
        a.compute(ADD, NEXT[g], LANES * LINE);
      }
    }
    a.compute(ADD, RDX, LANES * LINE);
    a.compute(SUB, RBX, LINE);
    a.jump(Condition.NOT_EQUAL, columns);
    for (int g = 0; g < count; g++) {
      a.storeTile(Address.at(RCX, RBP, 1, g * LANES * LINE), g);
    }
  }
}
