package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * A call of machine code for the products of many BF16 rows with up to 32 BF16 vectors on tiles
 * (AMX); one thread's own, filled in anew each time. The order of sums does not depend on the
 * number of rows or vectors.
 *
 * <p>Rows are weights as they lie in a file and vectors are interleaved inputs; or rows are inputs
 * and vectors are {@linkplain PanelCall#weightTiles decoded weights}.
 */
public final class TileCall {
  /** Vectors that are packed, and multiplied, together. */
  public static final int SIDE = TileRoutine.SIDE;

  /** The most vectors of one call. */
  public static final int MOST_VECTORS = 2 * SIDE;

  /** Columns come in so many; rows that end between are copied and zero-padded first. */
  public static final int COLUMNS = PackCall.COLUMNS;

  private final long[] arguments = new long[TileRoutine.ARGUMENTS];
  private final MemorySegment all = MemorySegment.ofArray(arguments);
  private final ArrayViews views = new ArrayViews();
  private final MachineCode code = MachineCode.here();
  private int rows;
  private int count;
  private boolean straight;

  /**
   * {@code rows} rows of {@code columns} elements, a multiple of 32, {@code stride} bytes apart.
   */
  public void rows(long stride, int rows, int columns) {
    this.rows = rows;
    arguments[TileRoutine.STRIDE] = stride;
    arguments[TileRoutine.STEPS] = columns / COLUMNS;
  }

  /** A packed vector, or up to 32 packed by sixteens, the second sixteen after the first. */
  public void vectors(long address, int count, boolean single) {
    this.count = single ? 0 : count;
    int bytes = single ? Float.BYTES : SIDE * Float.BYTES;
    arguments[TileRoutine.VECTORS] = address;
    arguments[TileRoutine.COUNT] = count;
    arguments[TileRoutine.VECTOR_STRIDE] = bytes;
    arguments[TileRoutine.VECTOR_TILE] = arguments[TileRoutine.STEPS] * bytes * SIDE;
  }

  /**
   * 32 rows of weights in tiles, the second sixteen so many bytes after the first, or up to sixteen
   * in one.
   *
   * @throws IllegalArgumentException if the second sixteen are not whole
   */
  public void weights(long address, int count, long apart) {
    if (count > SIDE && count != MOST_VECTORS) {
      throw new IllegalArgumentException(count + " rows are neither one tile nor two whole ones");
    }
    vectors(address, count, false);
    arguments[TileRoutine.VECTOR_TILE] = apart;
  }

  /** Results of vector {@code i} begin at {@code y[at + i * stride]}. */
  public void results(int at, int stride) {
    straight = false;
    results(at, stride, false);
  }

  /**
   * Results of row {@code i} begin at {@code y[at + i * stride]}.
   *
   * @param goOn whether they are added to what is there
   */
  public void rowResults(int at, int stride, boolean goOn) {
    straight = true;
    results(at, stride, goOn);
  }

  private void results(int at, int stride, boolean goOn) {
    arguments[TileRoutine.GOES_ON] = goOn ? 1 : 0;
    arguments[TileRoutine.RESULTS] = (long) Float.BYTES * at;
    arguments[TileRoutine.RESULT_STRIDE] = (long) Float.BYTES * stride;
  }

  /** Runs over rows in native memory. */
  public void multiply(long address, float[] y) {
    arguments[TileRoutine.WEIGHTS] = address;
    int whole = rows / SIDE;
    if (whole > 0) {
      run(whole, SIDE, y);
    }
    int rest = rows - whole * SIDE;
    if (rest > 0) {
      arguments[TileRoutine.WEIGHTS] += whole * SIDE * arguments[TileRoutine.STRIDE];
      long row = straight ? arguments[TileRoutine.RESULT_STRIDE] : Float.BYTES;
      arguments[TileRoutine.RESULTS] += whole * SIDE * row;
      run(1, rest, y);
    }
  }

  private void run(int groups, int rows, float[] y) {
    arguments[TileRoutine.GROUPS] = groups;
    arguments[TileRoutine.ROW_MASK] = (1L << rows) - 1;
    int vectorTiles = Math.ceilDiv(count, SIDE);
    configure(rows, Math.max(1, vectorTiles));
    Downcall.run(
        code.tiles(vectorTiles, straight),
        all,
        MemorySegment.NULL,
        MemorySegment.NULL,
        views.of(y),
        MemorySegment.NULL);
  }

  /** What {@code ldtilecfg} takes: a tile's bytes a row from byte 16, its rows from byte 48. */
  private void configure(int rows, int vectorTiles) {
    long vectorBytes = width();
    long bytes = 64L << 16 * TileRoutine.ROWS | vectorBytes << 16 * TileRoutine.COLUMNS;
    long heights = (long) rows << 8 * TileRoutine.ROWS | (long) SIDE << 8 * TileRoutine.COLUMNS;
    for (int sum = 0; sum < vectorTiles; sum++) {
      bytes |= vectorBytes << 16 * sum;
      heights |= (long) rows << 8 * sum;
    }
    arguments[TileRoutine.CONFIGURATION] = 1;
    arguments[TileRoutine.CONFIGURATION + 2] = bytes;
    arguments[TileRoutine.CONFIGURATION + 6] = heights;
  }

  /**
   * Bytes of a row of a tile of vectors: those that are missing count only where sums are turned.
   */
  private long width() {
    long all = arguments[TileRoutine.VECTOR_STRIDE];
    return straight ? Math.min(all, count * (long) Float.BYTES) : all;
  }
}
