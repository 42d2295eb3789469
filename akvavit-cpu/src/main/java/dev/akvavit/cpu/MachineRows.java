package dev.akvavit.cpu;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.DotCall;
import dev.akvavit.cpu.machine.InstructionSet;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.Stored;
import org.jspecify.annotations.Nullable;

/**
 * Rows times vectors by machine code, in place of the {@link Kernels} they agree with bit for bit.
 * Only where those have 16 lanes: fewer would add in another order.
 */
final class MachineRows {
  private static final Kernels K = Lanes.KERNELS;
  private static final int LANES = 16;

  /** Columns of six F32 vectors that leave room for weights in a first-level cache. */
  private static final int PART = 1024;

  private MachineRows() {}

  /** A worker's own call; null where the loops on the Vector API run. */
  static @Nullable DotCall call(boolean wanted) {
    return wanted && isReady() ? new DotCall() : null;
  }

  static boolean isReady() {
    return K.lanes() == LANES && MachineCode.here().has(InstructionSet.AVX512);
  }

  /** Whether {@link #multiply} decodes such rows on the way, for so many vectors. */
  static boolean decodes(Weight w, int vectors) {
    if (w.transposed()) {
      return false;
    }
    return switch (w.dtype()) {
      case F32, BF16, F16 -> true; // decoding costs less than a copy that is read back
      case F8_E4M3 -> {
        BlockScale scale = w.scale();
        yield vectors <= DotCall.MOST_VECTORS
            && scale != null
            && w.in() % LANES == 0
            && scale.blockColumns() % LANES == 0;
      }
      case Q8_0, Q4_0 -> vectors <= DotCall.MOST_QUANTISED;
      default -> false;
    };
  }

  /** As {@link RowBlock#multiply}, for rows and vectors that {@link #decodes} allows. */
  static void multiply(
      DotCall call,
      Weight w,
      int head,
      int from,
      int to,
      FloatInputs x,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    long data = CpuBuffer.of(w.data()).address();
    BlockScale scale = w.dtype() == DType.F8_E4M3 ? w.scale() : null;
    for (int row = from; row < to; ) {
      int stored = head * w.out() + row;
      int count = Math.min(to - row, w.run() - stored % w.run());
      if (scale != null) {
        long at = w.storedRow(stored);
        count = (int) Math.min(count, scale.blockRows() - at % scale.blockRows());
        call.factors(
            CpuBuffer.of(scale.data()).address() + Float.BYTES * scale.at(at, 0),
            scale.blockColumns());
      }
      long address = data + Rows.offset(w, stored, 0);
      int tile = tile(n);
      for (int i = 0; i < n; i += tile) {
        int vectors = Math.min(tile, n - i);
        call.results(i * stride + row - from, stride);
        int part = vectors == n ? w.in() : PART; // weights read once need no cache
        s.kept = part < w.in() ? Scratch.atLeast(s.kept, DotCall.kept(count, tile)) : s.kept;
        for (int k = 0; k < w.in(); k += part) {
          for (int j = 0; j < vectors; j++) {
            call.vector(j, x.at(order[first + i + j], head) + k);
          }
          call.rows(w.dtype().bytes(w.columns()), count, Math.min(part, w.in() - k));
          call.part(k == 0, k + part >= w.in());
          call.stored(kind(w.dtype()), address + w.dtype().bytes(k), vectors, x.values, y, s.kept);
        }
      }
      row += count;
    }
  }

  /** Vectors of a call, so that all calls have about as many. */
  private static int tile(int vectors) {
    return Math.ceilDiv(vectors, Math.ceilDiv(vectors, DotCall.MOST_VECTORS));
  }

  static Stored kind(DType type) {
    return switch (type) {
      case F32 -> Stored.F32;
      case BF16 -> Stored.BF16;
      case F16 -> Stored.F16;
      case F8_E4M3 -> Stored.F8;
      case Q8_0 -> Stored.Q8;
      case Q4_0 -> Stored.Q4;
      default -> throw new IllegalArgumentException(type + " is not decoded by machine code");
    };
  }

  /** As {@link RowBlock#products}. */
  static void products(
      DotCall call,
      float[] weights,
      int w0,
      int padded,
      int rows,
      FloatInputs x,
      int head,
      int[] order,
      int first,
      int n,
      Scratch s,
      float[] y,
      int stride) {
    int tile = tile(n);
    if (padded > PART) {
      s.kept = Scratch.atLeast(s.kept, DotCall.kept(rows, tile));
    }
    for (int i = 0; i < n; i += tile) {
      int count = Math.min(tile, n - i);
      call.results(i * stride, stride);
      for (int k = 0; k < padded; k += PART) {
        int columns = Math.min(PART, padded - k);
        for (int j = 0; j < count; j++) {
          call.vector(j, x.at(order[first + i + j], head) + k);
        }
        call.rows(4L * padded, rows, columns);
        call.part(k == 0, k + columns == padded);
        call.widened(weights, w0 + k, count, x.values, y, s.kept);
      }
    }
  }
}
