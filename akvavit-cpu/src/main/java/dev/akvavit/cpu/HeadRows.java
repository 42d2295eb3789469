package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.PackCall;
import dev.akvavit.cpu.machine.PairCall;
import dev.akvavit.cpu.machine.TileCall;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The rows of a matrix that make one head's keys, or values, from cached latents, in BF16 but for
 * sums: one worker's. Rows that a file has in BF16 are read there, others are rounded once a head;
 * tiles want them interleaved, as {@link DecodedRows} are. Latents are read in the cache.
 */
final class HeadRows {
  private static final int SIDE = TileCall.SIDE;

  private final PackCall packing = new PackCall();
  private final PairCall pairs = new PairCall();
  private final TileCall tiles = new TileCall();
  private final boolean onTiles = PairRows.rounding(true) == Rounding.TILES;
  private MemorySegment rounded = MemorySegment.NULL;
  private MemorySegment interleaved = MemorySegment.NULL;
  private MemorySegment expanded = MemorySegment.NULL;
  private int rows;
  private int rank;
  private long address;
  private long stride;
  private long tile; // bytes of sixteen interleaved rows

  void begin(Weight w, int head, Scratch s) {
    rows = w.out();
    rank = w.in();
    tile = DType.BF16.bytes(SIDE * rank);
    if (w.dtype() == DType.BF16 && !w.transposed() && w.run() % rows == 0) {
      address = CpuBuffer.of(w.data()).address() + Rows.offset(w, head * rows, 0);
      stride = DType.BF16.bytes(w.columns());
    } else {
      s.weights = Scratch.atLeast(s.weights, rows * rank);
      Rows.head(w, head, s, 0, rank);
      stride = DType.BF16.bytes(rank);
      rounded = PairInputs.room(rounded, rows * stride);
      address = rounded.address();
      packing.round(s.weights, 0, rows * rank, address);
    }
    if (onTiles) {
      interleave();
    }
  }

  private void interleave() {
    interleaved = PairInputs.room(interleaved, Math.ceilDiv(rows, SIDE) * tile);
    for (int r = 0; r < rows; r += SIDE) {
      int some = Math.min(SIDE, rows - r);
      for (int i = 0; i < some; i++) {
        packing.rounded(i, address + (r + i) * stride);
      }
      packing.interleave(some, rank, interleaved.address() + r / SIDE * tile);
    }
  }

  /**
   * Where {@code n} rows of {@code width} numbers are: products with those latents, then what
   * follows in these. Zero rows come behind, up to whole groups.
   */
  long expand(Tensor latents, int[] slots, int n, int width, Scratch s) {
    int all = Math.ceilDiv(n, PackCall.COLUMNS) * PackCall.COLUMNS;
    s.results = Scratch.atLeast(s.results, all * width);
    Arrays.fill(s.results, n * width, all * width, 0);
    long base = CpuBuffer.of(latents).address() + CpuBuffer.cachedAt(latents, 0, 0);
    long apart = DType.BF16.bytes(latents.rowStride());
    if (onTiles) {
      byTiles(base, apart, slots, n, s.results, width);
    } else {
      byPairs(base, apart, slots, n, s, width);
    }
    expanded = PairInputs.room(expanded, DType.BF16.bytes(all * width));
    packing.round(s.results, 0, all * width, expanded.address());
    for (int j = 0; rows < width && j < n; j++) {
      long from = CpuBuffer.cachedAt(latents, slots[j], 0) + DType.BF16.bytes(rank);
      long to = DType.BF16.bytes(j * width + rows);
      long bytes = DType.BF16.bytes(width - rows);
      MemorySegment.copy(CpuBuffer.of(latents), from, expanded, to, bytes);
    }
    return expanded.address();
  }

  private void byPairs(long base, long apart, int[] slots, int n, Scratch s, int width) {
    int most = Math.ceilDiv(n, Math.ceilDiv(n, PairCall.MOST_VECTORS));
    for (int j = 0; j < n; j += most) {
      int some = Math.min(most, n - j);
      for (int i = 0; i < some; i++) {
        pairs.vector(i, base + slots[j + i] * apart);
      }
      pairs.rows(stride, rows, rank, true, true);
      pairs.results(j * width, width);
      pairs.multiply(address, some, s.results, s.kept);
    }
  }

  /** Latents of neighbouring slots together. */
  private void byTiles(long base, long apart, int[] slots, int n, float[] y, int width) {
    for (int j = 0, end; j < n; j = end) {
      end = j + 1;
      while (end < n && slots[end] == slots[end - 1] + 1) {
        end++;
      }
      tiles.rows(apart, end - j, rank);
      for (int r = 0, some; r < rows; r += some) {
        some = rows - r < TileCall.MOST_VECTORS ? Math.min(SIDE, rows - r) : TileCall.MOST_VECTORS;
        tiles.weights(interleaved.address() + r / SIDE * tile, some, tile);
        tiles.rowResults(j * width + r, width, false);
        tiles.multiply(base + slots[j] * apart, y);
      }
    }
  }
}
