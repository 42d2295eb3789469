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

/** Four stored rows times one vector, decoded in registers: the loop a decode step spends its time in. */
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
      a0 = VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o0 + b, LITTLE_ENDIAN)).fma(v, a0);
      a1 = VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o1 + b, LITTLE_ENDIAN)).fma(v, a1);
      a2 = VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o2 + b, LITTLE_ENDIAN)).fma(v, a2);
      a3 = VectorLanes.f16(ShortVector.fromMemorySegment(S, w, o3 + b, LITTLE_ENDIAN)).fma(v, a3);
    }
    into(lanes, a0, a1, a2, a3);
  }

  /** With factors every {@code block} columns; each weight is rounded once, as when it is decoded alone. */
  static void f8(
      MemorySegment w, long[] o, MemorySegment factors, int block, float[] x, int x0, int n, float[] lanes) {
    FloatVector z = FloatVector.zero(F);
    into(lanes, z, z, z, z);
    for (int from = 0, i = 0; from < n; from += block, i++) {
      f8Block(w, o, factors, 4L * i, x, x0, from, Math.min(n, from + block), lanes);
    }
  }

  private static void f8Block(
      MemorySegment w, long[] o, MemorySegment factors, long f, float[] x, int x0, int from, int to, float[] lanes) {
    long o0 = o[0];
    long o1 = o[1];
    long o2 = o[2];
    long o3 = o[3];
    FloatVector f0 = VectorLanes.all(factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[4] + f));
    FloatVector f1 = VectorLanes.all(factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[5] + f));
    FloatVector f2 = VectorLanes.all(factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[6] + f));
    FloatVector f3 = VectorLanes.all(factors.get(ValueLayout.JAVA_FLOAT_UNALIGNED, o[7] + f));
    FloatVector a0 = FloatVector.fromArray(F, lanes, 0);
    FloatVector a1 = FloatVector.fromArray(F, lanes, L);
    FloatVector a2 = FloatVector.fromArray(F, lanes, 2 * L);
    FloatVector a3 = FloatVector.fromArray(F, lanes, 3 * L);
    for (int k = from; k < to; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      a0 = VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o0 + k, LITTLE_ENDIAN)).mul(f0).fma(v, a0);
      a1 = VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o1 + k, LITTLE_ENDIAN)).mul(f1).fma(v, a1);
      a2 = VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o2 + k, LITTLE_ENDIAN)).mul(f2).fma(v, a2);
      a3 = VectorLanes.f8(ByteVector.fromMemorySegment(B, w, o3 + k, LITTLE_ENDIAN)).mul(f3).fma(v, a3);
    }
    into(lanes, a0, a1, a2, a3);
  }

  private static void into(float[] lanes, FloatVector a0, FloatVector a1, FloatVector a2, FloatVector a3) {
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, L);
    a2.intoArray(lanes, 2 * L);
    a3.intoArray(lanes, 3 * L);
  }
}
