package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.ElementCall;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Loops over a row that are machine code from their first run on, and those of {@link Kernels}
 * where a worker has none or the row is not whole vectors: the same bits. What a first step runs
 * belongs here, for C2 compiles loops on the Vector API only after they took most of that step.
 */
final class RowLoops {
  private static final Kernels K = Lanes.KERNELS;

  private RowLoops() {}

  private static boolean whole(int n) {
    return n % ElementCall.LANES == 0;
  }

  static float sumOfSquares(@Nullable ElementCall call, MemorySegment x, long at, int n) {
    return call != null && whole(n)
        ? call.sumOfSquares(x.address() + at, n / ElementCall.LANES)
        : K.sumOfSquares(x, at, n);
  }

  /** {@code out = gain * (x * factor)}. */
  static void gained(
      @Nullable ElementCall call,
      MemorySegment out,
      long o,
      MemorySegment x,
      long at,
      MemorySegment gain,
      long g,
      float factor,
      int n) {
    if (call != null && whole(n)) {
      int vectors = n / ElementCall.LANES;
      call.gained(out.address() + o, x.address() + at, gain.address() + g, factor, vectors);
    } else {
      K.gained(out, o, x, at, gain, g, factor, n);
    }
  }

  /** {@code x += y}. */
  static void add(
      @Nullable ElementCall call, MemorySegment x, long at, MemorySegment y, long from, int n) {
    if (call != null && whole(n)) {
      call.add(x.address() + at, y.address() + from, n / ElementCall.LANES);
    } else {
      K.add(x, at, y, from, n);
    }
  }

  /** {@code out = silu(gate) * up}; a part of a vector is left to the scalar form. */
  static void swiglu(
      @Nullable ElementCall call,
      MemorySegment out,
      long o,
      MemorySegment gate,
      long g,
      MemorySegment up,
      long u,
      int n) {
    if (call == null) {
      K.swiglu(out, o, gate, g, up, u, n);
      return;
    }
    int vectors = n / ElementCall.LANES;
    call.swiglu(out.address() + o, gate.address() + g, up.address() + u, vectors);
    ScalarKernels.swigluFrom(vectors * ElementCall.LANES, out, o, gate, g, up, u, n);
  }

  /** A row, or a part of one, into the cache. */
  static void narrow(
      @Nullable ElementCall call,
      MemorySegment to,
      long offset,
      DType type,
      float[] from,
      int at,
      int n) {
    if (call != null && type == DType.BF16 && whole(n)) {
      call.narrow(from, at, n / ElementCall.LANES, to.address() + offset);
    } else {
      K.narrow(to, offset, type, from, at, n);
    }
  }
}
