package dev.akvavit.cpu.machine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Attention to blocks of cached BF16 rows, with queries and weights rounded to BF16 and sums in
 * F32: one worker's memory, and calls of the routines that work on it.
 *
 * <p>Query rows come in tiles of 16. A block's rows are read where they are, in groups of 16, or
 * brought together first.
 */
public final class BlockCall {
  /** Rows of a block. */
  public static final int BLOCK = BlockShape.BLOCK;

  /** Query rows of a tile, and rows of a group. */
  public static final int LANES = BlockShape.LANES;

  /** Dimensions of keys and values must be a multiple. */
  public static final int COLUMNS = 32;

  /** What e4m3 codes brought together lack. */
  public static final float F8_FACTOR = 0x1p8f;

  private static final long ALIGNMENT = 64;
  private static final int AHEAD = 8; // places of a table behind its end, to prefetch from

  private final long[] arguments = new long[BlockShape.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final MachineCode code = MachineCode.here();
  private final boolean tiles = code.has(InstructionSet.BF16_TILES);
  private final ArrayViews views = new ArrayViews();
  private final MemorySegment keyGroups = table(BLOCK / LANES);
  private final MemorySegment valueGroups = table(BLOCK / LANES);
  private final MemorySegment nextKeys = table(BLOCK / LANES);
  private final MemorySegment nextValues = table(BLOCK / LANES);
  private final MemorySegment table = table(BLOCK);
  private final MemorySegment pairs = room(ValueRoutine.room());
  private final MemorySegment constants = copy(SoftmaxRoutine.constants());
  private final MemorySegment shapes = copy(tileShapes());
  private MemorySegment queries = MemorySegment.NULL;
  private MemorySegment scores = MemorySegment.NULL;
  private MemorySegment weights = MemorySegment.NULL;
  private MemorySegment sums = MemorySegment.NULL;
  private MemorySegment state = MemorySegment.NULL;
  private MemorySegment keys = MemorySegment.NULL;
  private MemorySegment values = MemorySegment.NULL;
  private MemorySegment zeros = MemorySegment.NULL;
  private int allTiles;
  private int firstTile; // of those at work
  private int tileCount;
  private int columns;

  public BlockCall() {
    arguments[BlockShape.PAIRS] = pairs.address();
    arguments[BlockShape.CONSTANTS] = constants.address();
    arguments[BlockShape.TILE_SHAPES] = shapes.address();
    arguments[BlockShape.KEYS] = keyGroups.address();
    arguments[BlockShape.VALUES] = valueGroups.address();
    arguments[BlockShape.NEXT_KEYS] = nextKeys.address();
    arguments[BlockShape.NEXT_VALUES] = nextValues.address();
    arguments[BlockShape.TABLE] = table.address();
  }

  /** Whether this processor does such products faster than those of F32. */
  public static boolean isReady() {
    MachineCode code = MachineCode.here();
    return code.has(InstructionSet.BF16_TILES)
        || code.has(InstructionSet.BF16) && code.has(InstructionSet.AVX512);
  }

  /** Lives as long as the segment is reachable: fields hold all of them. */
  private static MemorySegment room(long bytes) {
    return Arena.ofAuto().allocate(bytes, ALIGNMENT);
  }

  private static MemorySegment copy(byte[] bytes) {
    return room(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  /** Eight tiles of sixteen lines. */
  private static byte[] tileShapes() {
    byte[] shapes = new byte[BlockShape.LINE];
    shapes[0] = 1;
    for (int t = 0; t < 8; t++) {
      shapes[16 + 2 * t] = BlockShape.LINE;
      shapes[48 + t] = LANES;
    }
    return shapes;
  }

  private static MemorySegment table(int places) {
    return room((long) Long.BYTES * (places + AHEAD));
  }

  private MemorySegment atLeast(MemorySegment old, long bytes, int place) {
    MemorySegment enough = old.byteSize() >= bytes ? old : room(bytes + bytes / 2);
    arguments[place] = enough.address();
    return enough;
  }

  /**
   * Makes room for so many queries, of which the first {@link #BLOCK} are at work; keys have {@code
   * keyDim} columns, values {@code valueDim}.
   */
  public void begin(int rows, int keyDim, int valueDim) {
    allTiles = Math.ceilDiv(rows, LANES);
    columns = valueDim;
    arguments[BlockShape.KEY_BYTES] = 2L * keyDim;
    arguments[BlockShape.COLUMNS] = valueDim;
    long each = (long) allTiles * LANES;
    long some = Math.min(each, BLOCK);
    queries = atLeast(queries, 2 * each * keyDim, BlockShape.QUERIES);
    scores = atLeast(scores, 4 * some * BLOCK, BlockShape.SCORES);
    weights = atLeast(weights, 2 * some * BLOCK, BlockShape.WEIGHTS);
    sums = atLeast(sums, 4 * each * valueDim, BlockShape.SUMS);
    state = atLeast(state, (long) allTiles * BlockShape.STATE_TILE, BlockShape.STATE);
    long zeroBytes = 4L * Math.max(keyDim, valueDim);
    if (zeros.byteSize() < zeroBytes) {
      zeros = room(zeroBytes).fill((byte) 0);
    }
    some(0, (int) some);
  }

  /** Queries {@code first ..}, where a tile begins, are at work now: {@link #BLOCK} at most. */
  public void some(int first, int rows) {
    firstTile = first / LANES;
    tileCount = Math.ceilDiv(rows, LANES);
    arguments[BlockShape.TILES] = tileCount;
    arguments[BlockShape.QUERIES] = queries.address() + first * arguments[BlockShape.KEY_BYTES];
    arguments[BlockShape.SUMS] = sums.address() + 4L * first * columns;
    arguments[BlockShape.STATE] = state.address() + (long) firstTile * BlockShape.STATE_TILE;
  }

  /** Query {@code row} of those at work is F32 at this address. */
  public void query(int row, long address) {
    table.setAtIndex(JAVA_LONG, row, address);
  }

  /** Takes up the queries named; the last tile's other rows are zero. */
  public void pack(int rows) {
    for (int i = rows; i < tileCount * LANES; i++) {
      table.setAtIndex(JAVA_LONG, i, zeros.address());
    }
    run(BlockRoutine.PACK);
  }

  /** Forgets what was seen. */
  public void clear() {
    sums.asSlice(0, 4L * allTiles * LANES * columns).fill((byte) 0);
    for (int t = 0; t < allTiles; t++) {
      for (int i = 0; i < LANES; i++) {
        long at = (long) t * BlockShape.STATE_TILE + 4L * i;
        state.set(JAVA_FLOAT, at + BlockShape.MAX, SoftmaxRoutine.LOWEST);
        state.set(JAVA_FLOAT, at + BlockShape.SUM, 0);
      }
    }
  }

  /** The block that follows has so many rows. */
  public void rows(int n) {
    arguments[BlockShape.ROWS] = (n + 31L) & -32;
  }

  /** Sixteen keys, and as many values, begin at these addresses. */
  public void group(int g, long key, long value) {
    keyGroups.setAtIndex(JAVA_LONG, g, key);
    valueGroups.setAtIndex(JAVA_LONG, g, value);
  }

  /** Bytes between rows of groups; the last group stands for what comes next. */
  public void strides(long key, long value) {
    arguments[BlockShape.KEY_STRIDE] = key;
    arguments[BlockShape.VALUE_STRIDE] = value;
    int groups = (int) arguments[BlockShape.ROWS] / LANES;
    for (int g = groups; g < groups + 4; g++) {
      keyGroups.setAtIndex(JAVA_LONG, g, keyGroups.getAtIndex(JAVA_LONG, groups - 1));
    }
  }

  /** The groups that come after this block, if not to the last: they are prefetched meanwhile. */
  public void next(int g, long key, long value) {
    nextKeys.setAtIndex(JAVA_LONG, g, key);
    nextValues.setAtIndex(JAVA_LONG, g, value);
    arguments[BlockShape.NEXT_GROUPS] = g + 1L;
  }

  /** Row {@code j} of those to bring together begins at this address. */
  public void row(int j, long address) {
    table.setAtIndex(JAVA_LONG, j, address);
  }

  /** Row {@code j} is seen by nobody. */
  public void noRow(int j) {
    table.setAtIndex(JAVA_LONG, j, zeros.address());
  }

  /**
   * Brings the keys named together. Values are parts of them, {@code valueOffset} bytes behind
   * their beginnings, unless {@link #gatherValues} follows.
   */
  public void gatherKeys(int n, boolean f8, long valueOffset) {
    keys = atLeast(keys, BLOCK * arguments[BlockShape.KEY_BYTES], BlockShape.OUT);
    gather(n, f8 ? BlockRoutine.GATHER_F8 : BlockRoutine.GATHER);
    long stride = arguments[BlockShape.KEY_BYTES];
    together(keys.address(), stride, keys.address() + valueOffset, stride);
  }

  /** The block's keys lie together from one address on, its values from another. */
  public void together(long key, long value) {
    together(key, arguments[BlockShape.KEY_BYTES], value, 2L * columns);
  }

  private void together(long key, long keyStride, long value, long valueStride) {
    for (int g = 0; g * LANES < arguments[BlockShape.ROWS]; g++) {
      group(g, key + g * LANES * keyStride, value + g * LANES * valueStride);
    }
    strides(keyStride, valueStride);
  }

  /** Brings the values named together, after the keys. */
  public void gatherValues(int n) {
    long keyBytes = arguments[BlockShape.KEY_BYTES];
    long stride = 2L * columns;
    values = atLeast(values, BLOCK * stride, BlockShape.OUT);
    arguments[BlockShape.KEY_BYTES] = stride;
    gather(n, BlockRoutine.GATHER);
    arguments[BlockShape.KEY_BYTES] = keyBytes;
    together(keys.address(), values.address());
  }

  private void gather(int n, BlockRoutine routine) {
    int rows = (int) arguments[BlockShape.ROWS];
    for (int j = n; j < rows + AHEAD; j++) {
      noRow(j);
    }
    run(routine);
  }

  /** Query {@code row} sees rows {@code from .. to} of the block, perhaps none. */
  public void sees(int row, int from, int to) {
    long at = (long) (row / LANES) * BlockShape.STATE_TILE + 4L * (row % LANES);
    state.set(JAVA_INT, at + BlockShape.FROM, from);
    state.set(JAVA_INT, at + BlockShape.LAST, to - 1);
  }

  /**
   * Attends to the block.
   *
   * @param scale of scores, positive
   * @param masked whether queries see what {@link #sees} said, else all of it
   */
  public void attend(float scale, boolean masked) {
    arguments[BlockShape.SCALE] = Float.floatToRawIntBits(scale);
    arguments[BlockShape.MASKED] = masked ? 1 : 0;
    run(tiles ? BlockRoutine.SCORES_BY_TILES : BlockRoutine.SCORES_BY_PAIRS);
    if (arguments[BlockShape.NEXT_GROUPS] > 0) {
      run(BlockRoutine.PREFETCH);
      arguments[BlockShape.NEXT_GROUPS] = 0;
    }
    run(BlockRoutine.SOFTMAX);
    if (tiles) {
      arguments[BlockShape.RESCALE] = shrinks() ? 1 : 0;
    }
    run(tiles ? BlockRoutine.VALUES_BY_TILES : BlockRoutine.VALUES_BY_PAIRS);
  }

  private boolean shrinks() {
    for (int t = firstTile; t < firstTile + tileCount; t++) {
      for (int i = 0; i < LANES; i++) {
        if (state.get(JAVA_FLOAT, (long) t * BlockShape.STATE_TILE + BlockShape.SHRINK + 4L * i)
            != 1) {
          return true;
        }
      }
    }
    return false;
  }

  /** The largest score that a query has seen. */
  public float max(int row) {
    return state(row, BlockShape.MAX);
  }

  /** The sum of a query's weights. */
  public float sum(int row) {
    return state(row, BlockShape.SUM);
  }

  private float state(int row, int line) {
    return state.get(
        JAVA_FLOAT, (long) (row / LANES) * BlockShape.STATE_TILE + line + 4L * (row % LANES));
  }

  /** Weighted values of all tiles' rows, one after another; all are at work again. */
  public void sums(float[] out) {
    some(0, allTiles * LANES);
    arguments[BlockShape.OUT] = 0;
    run(BlockRoutine.SUMS, views.of(out));
  }

  /** Head weights of the lightning indexer, times a factor; heads beyond count nothing. */
  public void headWeights(float[] weights, int n, float factor) {
    for (int i = 0; i < tileCount * LANES; i++) {
      state.setAtIndex(JAVA_FLOAT, i, i < n ? factor * weights[i] : 0);
    }
  }

  /** {@code out[at + row] = sum over queries of head weight * max(0, score)}, of whole groups. */
  public void index(float[] out, int at) {
    run(tiles ? BlockRoutine.SCORES_BY_TILES : BlockRoutine.SCORES_BY_PAIRS);
    arguments[BlockShape.OUT] = 4L * at;
    run(BlockRoutine.INDEX_SUMS, views.of(out));
  }

  private void run(BlockRoutine routine) {
    run(routine, MemorySegment.NULL);
  }

  private void run(BlockRoutine routine, MemorySegment array) {
    Downcall.run(
        routine.code(), all, array, MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL);
  }
}
