package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.B;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;
import static dev.akvavit.cpu.VectorLanes.S;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Four stored rows times one vector, decoded in registers: the loop a decode step spends its time
 * in. Types whose decoding takes many instructions go two rows at a time, to stay within C2's
 * inlining budget.
 */
final class VectorMatvec {
  private VectorMatvec() {}

  static void f32(MemorySegment w, long[] o, float[] x, int x0, int n, float[] lanes) {
    long o0 = o[0];
    long o1 = o[1];
    long o2 = o[2];
    long o3 = o[3];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      long b = 4L * k;
      a0 = FloatVector.fromMemorySegment(F, w, o0 + b, LITTLE_ENDIAN).fma(v, a0);
      a1 = FloatVector.fromMemorySegment(F, w, o1 + b, LITTLE_ENDIAN).fma(v, a1);
      a2 = FloatVector.fromMemorySegment(F, w, o2 + b, LITTLE_ENDIAN).fma(v, a2);
      a3 = FloatVector.fromMemorySegment(F, w, o3 + b, LITTLE_ENDIAN).fma(v, a3);
    }
    into(lanes, a0, a1, a2, a3);
  }

  static void bf16(MemorySegment w, long[] o, float[] x, int x0, int n, float[] lanes) {
    long o0 = o[0];
    long o1 = o[1];
    long o2 = o[2];
    long o3 = o[3];
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      long b = 2L * k;
      a0 = VectorLanes.bf16(ShortVector.fromMemorySegment(S, w, o0 + b, LITTLE_ENDIAN)).fma(v, a0);
      a1 = VectorLanes.bf16(ShortVector.fromMemorySegment(S, w, o1 + b, LITTLE_ENDIAN)).fma(v, a1);
      a2 = VectorLanes.bf16(ShortVector.fromMemorySegment(S, w, o2 + b, LITTLE_ENDIAN)).fma(v, a2);
      a3 = VectorLanes.bf16(ShortVector.fromMemorySegment(S, w, o3 + b, LITTLE_ENDIAN)).fma(v, a3);
    }
    into(lanes, a0, a1, a2, a3);
  }

  static void f16(MemorySegment w, long[] o, float[] x, int x0, int n, float[] lanes) {
    f16Pair(w, o[0], o[1], x, x0, n, lanes, 0);
    f16Pair(w, o[2], o[3], x, x0, n, lanes, 2 * L);
  }

  private static void f16Pair(
      MemorySegment w, long o0, long o1, float[] x, int x0, int n, float[] lanes, int at) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      a0 =
          VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o0 + 2L * k, LITTLE_ENDIAN))
              .fma(v, a0);
      a1 =
          VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o1 + 2L * k, LITTLE_ENDIAN))
              .fma(v, a1);
    }
    a0.intoArray(lanes, at);
    a1.intoArray(lanes, at + L);
  }

  /**
   * With factors every {@code block} columns; each weight is rounded once, as when it is decoded
   * alone.
   */
  static void f8(
      MemorySegment w,
      long[] o,
      MemorySegment factors,
      int block,
      float[] x,
      int x0,
      int n,
      float[] lanes) {
    FloatVector z = FloatVector.zero(F);
    into(lanes, z, z, z, z);
    for (int from = 0, i = 0; from < n; from += block, i++) {
      int to = Math.min(n, from + block);
      for (int r = 0; r < 4; r += 2) {
        float f0 = factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[4 + r] + 4L * i);
        float f1 = factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[5 + r] + 4L * i);
        f8Pair(w, o[r], o[r + 1], f0, f1, x, x0, from, to, lanes, r * L);
      }
    }
  }

  private static void f8Pair(
      MemorySegment w,
      long o0,
      long o1,
      float f0,
      float f1,
      float[] x,
      int x0,
      int from,
      int to,
      float[] lanes,
      int at) {
    FloatVector a0 = FloatVector.fromArray(F, lanes, at);
    FloatVector a1 = FloatVector.fromArray(F, lanes, at + L);
    for (int k = from; k < to; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      a0 =
          VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o0 + k, LITTLE_ENDIAN))
              .mul(f0)
              .fma(v, a0);
      a1 =
          VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o1 + k, LITTLE_ENDIAN))
              .mul(f1)
              .fma(v, a1);
    }
    a0.intoArray(lanes, at);
    a1.intoArray(lanes, at + L);
  }

  private static void into(
      float[] lanes, FloatVector a0, FloatVector a1, FloatVector a2, FloatVector a3) {
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, L);
    a2.intoArray(lanes, 2 * L);
    a3.intoArray(lanes, 3 * L);
  }
}
