package dev.akvavit.cpu;

import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.InstructionSet;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.PanelForm;
import dev.akvavit.cpu.machine.TileCall;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Quantised rows times many BF16 vectors on tiles, for one worker: some columns of a block of rows
 * are decoded to BF16 at a time, once for all vectors, and stay in a second-level cache meanwhile.
 *
 * <p>Each sum is one tile's over all columns in order, however columns and rows are cut and however
 * many vectors share the step.
 */
final class DecodedRows {
  private static final int ROWS = PanelForm.ROWS;

  /** Rows that share a pass over the vectors: two tiles'. */
  private static final int TOGETHER = 2 * ROWS;

  /**
   * Columns at a time where many vectors share them: two tiles of rows stay in a first-level cache.
   */
  static final int MANY = 512;

  /** The same where few do, and calls should be long. */
  static final int FEW = 2048;

  private static final long TILE = (long) Short.BYTES * ROWS * PanelForm.COLUMNS;

  private final TileCall tiles = new TileCall();
  private MemorySegment weights = MemorySegment.NULL;

  private DecodedRows() {}

  /** Whether prompts gain here. */
  static boolean isFast(boolean machineCode) {
    return machineCode && MachineCode.here().has(InstructionSet.BF16_TILES);
  }

  /** A worker's own; null where there are no tiles. */
  static @Nullable DecodedRows wanted(boolean machineCode) {
    return isFast(machineCode) ? new DecodedRows() : null;
  }

  /** As {@link RowBlock#multiply}, for vectors that follow one another. */
  static void multiply(
      Weight w,
      int head,
      int from,
      int to,
      RowInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    DecodedRows own = Objects.requireNonNull(s.decoded, "inputs for tiles, without tiles");
    if (order[first + n - 1] != order[first] + n - 1) {
      throw new IllegalArgumentException("rows of tiles must follow one another");
    }
    int columns;
    for (int column = 0; column < w.in(); column += columns) {
      columns = x.together(column);
      own.decode(w, head * w.out() + from, to - from, column, columns, s);
      own.tiles.rows(x.rowStride(), n, columns);
      own.products(x.at(order[first], head, column), to - from, columns, column > 0, y, stride);
    }
  }

  private void decode(Weight w, int stored, int rows, int column, int columns, Scratch s) {
    long panel = columns / PanelForm.COLUMNS * TILE;
    weights = PairInputs.room(weights, Math.ceilDiv(rows, ROWS) * panel);
    PanelRows.decodeTiles(w, stored, rows, column, columns, s, weights.address());
  }

  private void products(long vectors, int rows, int columns, boolean goOn, float[] y, int stride) {
    long panel = columns / PanelForm.COLUMNS * TILE;
    for (int r = 0, some; r < rows; r += some) {
      some = rows - r >= TOGETHER ? TOGETHER : Math.min(ROWS, rows - r);
      tiles.weights(weights.address() + r / ROWS * panel, some, panel);
      tiles.rowResults(r, stride, goOn);
      tiles.multiply(vectors, y);
    }
  }
}
