package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.DType;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.ElementCall;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows on their way between tensors and scratch arrays. */
final class Rows {
  private static final Kernels K = Lanes.KERNELS;
  private static final int LINE = 16; // numbers of a line of a cache

  private Rows() {}

  /** All heads of an F32 row, in order, zero-padded to {@code padded}. */
  static void pack(Tensor x, int row, float[] to, int at, int padded) {
    MemorySegment from = CpuBuffer.of(x);
    int dim = x.dim();
    int n = x.heads() * dim;
    if (x.headStride() == dim) {
      MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, CpuBuffer.at(x, row, 0), to, at, n);
    } else {
      for (int h = 0; h < x.heads(); h++) {
        packHead(x, row, h, to, at + h * dim, dim);
      }
    }
    Arrays.fill(to, at + n, at + padded, 0);
  }

  /** One head of an F32 row, zero-padded. */
  static void packHead(Tensor x, int row, int head, float[] to, int at, int padded) {
    MemorySegment.copy(
        CpuBuffer.of(x), JAVA_FLOAT_UNALIGNED, CpuBuffer.at(x, row, head), to, at, x.dim());
    Arrays.fill(to, at + x.dim(), at + padded, 0);
  }

  /** Elements {@code from .. from + n} of an F32 row, heads in order. */
  static void unpack(Tensor out, int row, int from, float[] values, int at, int n) {
    MemorySegment to = CpuBuffer.of(out);
    int dim = out.dim();
    if (out.headStride() == dim) {
      MemorySegment.copy(
          values, at, to, JAVA_FLOAT_UNALIGNED, CpuBuffer.at(out, row, 0) + 4L * from, n);
      return;
    }
    while (n > 0) {
      int column = from % dim;
      int count = Math.min(n, dim - column);
      long offset = CpuBuffer.at(out, row, from / dim) + 4L * column;
      MemorySegment.copy(values, at, to, JAVA_FLOAT_UNALIGNED, offset, count);
      from += count;
      at += count;
      n -= count;
    }
  }

  /** Elements {@code from .. from + n} of a head of a row. */
  static void unpackHead(Tensor out, int row, int head, int from, float[] values, int at, int n) {
    long offset = CpuBuffer.at(out, row, head) + 4L * from;
    MemorySegment.copy(values, at, CpuBuffer.of(out), JAVA_FLOAT_UNALIGNED, offset, n);
  }

  /** One cached row of one head as F32, zero-padded. */
  static void cached(Tensor plane, int slot, int head, float[] to, int at, int padded) {
    int own = plane.ownDim();
    long offset = CpuBuffer.cachedAt(plane, slot, head);
    K.widen(to, at, CpuBuffer.of(plane), offset, plane.dtype(), own);
    Tensor tail = plane.tail();
    if (tail != null) {
      cached(tail, slot, head, to, at + own, tail.dim());
    }
    for (int i = at + plane.dim(); i < at + padded; i++) {
      to[i] = 0;
    }
  }

  /** The counterpart of {@link #cached}: a head's row into the cache, rounded. */
  static void cache(
      @Nullable ElementCall call, Tensor plane, int slot, int head, float[] from, int at) {
    int own = plane.ownDim();
    long offset = CpuBuffer.cachedAt(plane, slot, head);
    RowLoops.narrow(call, CpuBuffer.of(plane), offset, plane.dtype(), from, at, own);
    Tensor tail = plane.tail();
    if (tail != null) {
      cache(call, tail, slot, head, from, at + own);
    }
  }

  /** Byte offset of element {@code from} of stored row {@code r} of a weight's view. */
  static long offset(Weight w, int r, int from) {
    return w.dtype().bytes(w.storedRow(r) * w.columns() + from);
  }

  /**
   * Elements {@code from .. from + n} of stored row {@code r} as F32, block factors applied,
   * zero-padded.
   */
  static void stored(Weight w, int r, int from, int n, float[] to, int at, int padded) {
    K.widen(to, at, CpuBuffer.of(w.data()), offset(w, r, from), w.dtype(), n);
    BlockScale scale = w.scale();
    if (scale != null && w.dtype() == DType.F8_E4M3) {
      MemorySegment factors = CpuBuffer.of(scale.data());
      long row = w.storedRow(r);
      for (int c = from; c < from + n; ) {
        int end = Math.min(from + n, (c / scale.blockColumns() + 1) * scale.blockColumns());
        K.scale(
            to, at + c - from, end - c, factors.get(JAVA_FLOAT_UNALIGNED, 4 * scale.at(row, c)));
        c = end;
      }
    }
    for (int i = at + n; i < at + padded; i++) {
      to[i] = 0;
    }
  }

  /**
   * All rows of a head of a matrix as F32, {@code width} apart from {@code weights[at]} on, also
   * where the file has it column by column.
   */
  static void head(Weight w, int head, Scratch s, int at, int width) {
    float[] weights = s.weights;
    if (!w.transposed()) {
      for (int r = 0; r < w.out(); r++) {
        stored(w, head * w.out() + r, 0, w.in(), weights, at + r * width, width);
      }
      return;
    }
    Arrays.fill(weights, at, at + w.out() * width, 0);
    s.column = Scratch.atLeast(s.column, LINE * w.out());
    for (int c = 0; c < w.in(); c += LINE) {
      int some = Math.min(LINE, w.in() - c);
      for (int i = 0; i < some; i++) {
        stored(w, head * w.in() + c + i, 0, w.out(), s.column, i * w.out(), w.out());
      }
      for (int r = 0; r < w.out(); r++) {
        for (int i = 0; i < some; i++) {
          weights[at + r * width + c + i] = s.column[i * w.out() + r];
        }
      }
    }
  }
}
