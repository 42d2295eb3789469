package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.DotCall;
import dev.akvavit.cpu.machine.InstructionSet;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.PackCall;
import dev.akvavit.cpu.machine.PairCall;
import dev.akvavit.cpu.machine.TileCall;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * BF16 rows times BF16 vectors by machine code, for one worker: on tiles where the processor has
 * some, otherwise pair by pair. Each way has one order of sums, whatever shares the step.
 */
final class PairRows {
  /** Columns of six vectors that leave room for rows in a first-level cache. */
  private static final int PART = 2048;

  final PackCall packing = new PackCall();
  private final PairCall pairs = new PairCall();
  private final TileCall tiles = new TileCall();
  private final boolean hasTiles = rounding(true) == Rounding.TILES;
  private MemorySegment packed = MemorySegment.NULL;
  private MemorySegment copied = MemorySegment.NULL;

  private PairRows() {}

  /** How inputs of BF16 matrices are packed here. */
  static Rounding rounding(boolean machineCode) {
    MachineCode here = MachineCode.here();
    if (!machineCode || !here.has(InstructionSet.BF16)) {
      return Rounding.NARROW;
    }
    return here.has(InstructionSet.BF16_TILES) ? Rounding.TILES : Rounding.PAIRS;
  }

  /** Whether products are faster so than with F32 inputs. */
  static boolean isFast(boolean machineCode) {
    return switch (rounding(machineCode)) {
      case TILES -> true;
      case PAIRS -> MachineCode.here().multipliesPairsFast();
      default -> false;
    };
  }

  /** A worker's own; null where the loops of {@link Kernels} run. */
  static @Nullable PairRows wanted(boolean machineCode) {
    return rounding(machineCode) == Rounding.NARROW ? null : new PairRows();
  }

  static PairRows of(Scratch s) {
    return Objects.requireNonNull(s.pairs, "BF16 inputs without machine code for them");
  }

  /** As {@link RowBlock#multiply}. */
  static void multiply(
      Weight w,
      int head,
      int from,
      int to,
      PairInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    PairRows own = of(s);
    if (!own.hasTiles) {
      own.byPairs(w, head, from, to, x, order, first, n, s, y, stride);
      return;
    }
    for (int i = 0; i < n; i += TileCall.MOST_VECTORS) {
      int count = Math.min(TileCall.MOST_VECTORS, n - i);
      long vectors =
          n == 1 ? x.at(order[first], head) : own.pack(w, head, x, order, first + i, count);
      own.onTiles(w, head, from, to, vectors, count, n == 1, y, i * stride, stride);
    }
  }

  /** The same for all rows of the inputs, in order. */
  static void multiply(
      Weight w, int head, int from, int to, TileInputs x, int n, Scratch s, float[] y, int stride) {
    for (int i = 0; i < n; i += TileCall.MOST_VECTORS) {
      int count = Math.min(TileCall.MOST_VECTORS, n - i);
      of(s).onTiles(w, head, from, to, x.at(i, head), count, x.isSingle(), y, i * stride, stride);
    }
  }

  // ---- pairs

  private void byPairs(
      Weight w,
      int head,
      int from,
      int to,
      PairInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    int tile = Math.ceilDiv(n, Math.ceilDiv(n, PairCall.MOST_VECTORS));
    for (int row = from; row < to; ) {
      int stored = head * w.out() + row;
      int count = Math.min(to - row, w.run() - stored % w.run());
      for (int i = 0; i < n; i += tile) {
        int vectors = Math.min(tile, n - i);
        pairs.results(i * stride + row - from, stride);
        int part = vectors == n ? w.in() : PART; // rows read once need no cache
        s.kept = part < w.in() ? Scratch.atLeast(s.kept, DotCall.kept(count, tile)) : s.kept;
        for (int k = 0; k < w.in(); k += part) {
          for (int j = 0; j < vectors; j++) {
            pairs.vector(j, x.at(order[first + i + j], head) + (long) Short.BYTES * k);
          }
          int columns = Math.min(part, w.in() - k);
          pairs.rows(DType.BF16.bytes(w.columns()), count, columns, k == 0, k + part >= w.in());
          pairs.multiply(address(w, stored) + (long) Short.BYTES * k, vectors, y, s.kept);
        }
      }
      row += count;
    }
  }

  private static long address(Weight w, int stored) {
    return CpuBuffer.of(w.data()).address() + Rows.offset(w, stored, 0);
  }

  // ---- tiles

  /** Vectors that lie apart, interleaved by sixteens. */
  private long pack(Weight w, int head, PairInputs x, int[] order, int first, int n) {
    long bytes = (long) Short.BYTES * PackCall.SIDE * PackCall.padded(w.in());
    packed = PairInputs.room(packed, 2 * bytes);
    for (int i = 0; i < n; i += PackCall.SIDE) {
      int count = Math.min(PackCall.SIDE, n - i);
      for (int j = 0; j < count; j++) {
        packing.rounded(j, x.at(order[first + i + j], head));
      }
      packing.interleave(count, w.in(), packed.address() + i / PackCall.SIDE * bytes);
    }
    return packed.address();
  }

  private void onTiles(
      Weight w,
      int head,
      int from,
      int to,
      long vectors,
      int n,
      boolean single,
      float[] y,
      int at,
      int stride) {
    int columns = PackCall.padded(w.in());
    for (int row = from; row < to; ) {
      int stored = head * w.out() + row;
      int count = Math.min(to - row, w.run() - stored % w.run());
      boolean whole = columns == w.in();
      long bytes = DType.BF16.bytes(whole ? w.columns() : columns);
      tiles.rows(bytes, count, columns);
      tiles.vectors(vectors, n, single);
      tiles.results(at + row - from, stride);
      tiles.multiply(whole ? address(w, stored) : copy(w, stored, count, bytes), y);
      row += count;
    }
  }

  /** Rows that are no whole tiles, zero-padded. */
  private long copy(Weight w, int stored, int rows, long bytes) {
    copied = PairInputs.room(copied, rows * bytes);
    MemorySegment data = CpuBuffer.of(w.data());
    long own = DType.BF16.bytes(w.in());
    for (int r = 0; r < rows; r++) {
      MemorySegment.copy(
          data, JAVA_BYTE, Rows.offset(w, stored + r, 0), copied, JAVA_BYTE, r * bytes, own);
      copied.asSlice(r * bytes + own, bytes - own).fill((byte) 0);
    }
    return copied.address();
  }
}
