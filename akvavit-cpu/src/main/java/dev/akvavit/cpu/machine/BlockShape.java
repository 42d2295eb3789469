package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Assembler.Arithmetic.ADD;

/**
 * What the routines of rounded attention agree on: sizes of a block, places of arguments, and the
 * emission they share.
 *
 * <p>A block is up to {@link #BLOCK} cached rows; a <em>tile</em> is 16 query rows. Rows of a block
 * come in groups of 16 that lie a stride apart, each group where a table says. Queries are packed
 * {@code [tile][dim / 2][16 rows][2]}, scores {@code [tile][BLOCK][16 rows]} in F32, weights {@code
 * [tile][16 rows][BLOCK]} in BF16, sums {@code [tile][columns / 16][16 rows][16]} in F32.
 */
final class BlockShape {
  static final int BLOCK = 128;
  static final int LANES = 16;
  static final int LINE = 64;

  /** Bytes of a row of weights, of a tile of them, and of a tile of scores. */
  static final int WEIGHT_ROW = 2 * BLOCK;

  static final int WEIGHT_TILE = LANES * WEIGHT_ROW;
  static final int SCORE_TILE = BLOCK * LINE;

  // Places of arguments, in longs. All addresses are of native memory.
  static final int KEYS = 0; // table of groups, closed by one more to prefetch
  static final int KEY_STRIDE = 1;
  static final int VALUES = 2; // table of groups
  static final int VALUE_STRIDE = 3;
  static final int ROWS = 4; // of the block, a multiple of 32
  static final int TILES = 5;
  static final int KEY_BYTES = 6; // of a row of keys, a multiple of 64
  static final int COLUMNS = 7; // of values, a multiple of 32
  static final int QUERIES = 8;
  static final int SCORES = 9;
  static final int WEIGHTS = 10;
  static final int SUMS = 11;
  static final int SCALE = 12; // a float
  static final int STATE = 13; // per tile MAX, SUM, SHRINK, FROM and LAST, a line each
  static final int MASKED = 14; // whether some row does not see some of the block
  static final int CONSTANTS = 15;
  static final int PAIRS = 16; // room for values, interleaved
  static final int TABLE = 17; // of single rows
  static final int OUT = 18; // where packed rows, or sums in their order, go
  static final int RESCALE = 19; // whether some SHRINK is not 1
  static final int TILE_SHAPES = 20;
  static final int LEFT = 21; // a counter
  static final int LEFT_TILES = 22; // another
  static final int NEXT_KEYS = 23; // tables of groups to prefetch
  static final int NEXT_VALUES = 24;
  static final int NEXT_GROUPS = 25;
  static final int ARGUMENTS = 26;

  // Lines of a tile's state.
  static final int MAX = 0;
  static final int SUM = LINE;
  static final int SHRINK = 2 * LINE;
  static final int FROM = 3 * LINE; // integers: first row of the block that is seen
  static final int LAST = 4 * LINE; // and the last
  static final int STATE_TILE = 5 * LINE;

  private BlockShape() {}

  /**
   * Address of row {@code i} of a run of rows: four bases, four rows apart; one and three strides.
   */
  static Address row(Register[] bases, Register stride, Register three, int i, int displacement) {
    Register base = bases[i / 4];
    return switch (i % 4) {
      case 0 -> Address.at(base, displacement);
      case 1 -> Address.at(base, stride, 1, displacement);
      case 2 -> Address.at(base, stride, 2, displacement);
      default -> Address.at(base, three, 1, displacement);
    };
  }

  /** Points the other bases four strides apart, and computes three strides. */
  static void spread(Assembler a, Register[] bases, Register stride, Register three) {
    a.address(three, Address.at(stride, stride, 2, 0));
    for (int i = 1; i < bases.length; i++) {
      a.address(bases[i], Address.at(bases[i - 1], stride, 4, 0));
    }
  }

  static void advance(Assembler a, Register[] bases, int bytes) {
    for (Register base : bases) {
      a.compute(ADD, base, bytes);
    }
  }

  /**
   * Transposes registers 0 to 15, 16 elements of 32 bits each, by means of the other sixteen:
   * neighbours, pairs of neighbours, then quarters of registers change places.
   */
  static void transpose(Assembler a) {
    for (int i = 0; i < 16; i += 2) {
      a.vector(VectorOp.VUNPCKLPS, 16 + i, i, i + 1);
      a.vector(VectorOp.VUNPCKHPS, 17 + i, i, i + 1);
    }
    for (int i = 0; i < 16; i += 4) {
      for (int half = 0; half < 2; half++) {
        a.vector(VectorOp.VUNPCKLPD, i + 2 * half, 16 + i + half, 18 + i + half);
        a.vector(VectorOp.VUNPCKHPD, i + 2 * half + 1, 16 + i + half, 18 + i + half);
      }
    }
    for (int i = 0; i < 16; i += 8) {
      for (int c = i; c < i + 4; c++) {
        a.shuffle(VectorOp.VSHUFF32X4, 16 + c, c, c + 4, 0x88);
        a.shuffle(VectorOp.VSHUFF32X4, 20 + c, c, c + 4, 0xDD);
      }
    }
    for (int c = 0; c < 4; c++) {
      a.shuffle(VectorOp.VSHUFF32X4, c, 16 + c, 24 + c, 0x88);
      a.shuffle(VectorOp.VSHUFF32X4, 8 + c, 16 + c, 24 + c, 0xDD);
      a.shuffle(VectorOp.VSHUFF32X4, 4 + c, 20 + c, 28 + c, 0x88);
      a.shuffle(VectorOp.VSHUFF32X4, 12 + c, 20 + c, 28 + c, 0xDD);
    }
  }
}
