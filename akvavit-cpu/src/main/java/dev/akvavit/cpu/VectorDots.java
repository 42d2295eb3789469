package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.ACROSS_1;
import static dev.akvavit.cpu.VectorLanes.ACROSS_2;
import static dev.akvavit.cpu.VectorLanes.ACROSS_4;
import static dev.akvavit.cpu.VectorLanes.ACROSS_8;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;
import static dev.akvavit.cpu.VectorLanes.fold;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Dot products of F32 rows in register tiles: lanes run along the rows, one accumulator per
 * product.
 *
 * <p>Sixteen accumulators are the most that C2 keeps in registers within its inlining budget;
 * folding therefore sits in its own method.
 */
final class VectorDots {
  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);

  private VectorDots() {}

  /** Lanes whose number has the bit. */
  private static VectorMask<Float> upper(int bit) {
    long bits = 0;
    for (int i = 0; i < L; i++) {
      bits |= (i & bit) != 0 ? 1L << i : 0;
    }
    return VectorMask.fromLong(F, bits);
  }

  static void tile4x4(
      float[] w,
      int w0,
      int stride,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] lanes) {
    int w1 = w0 + stride;
    int w2 = w1 + stride;
    int w3 = w2 + stride;
    FloatVector z = FloatVector.zero(F);
    FloatVector a00 = z, a01 = z, a02 = z, a03 = z, a10 = z, a11 = z, a12 = z, a13 = z;
    FloatVector a20 = z, a21 = z, a22 = z, a23 = z, a30 = z, a31 = z, a32 = z, a33 = z;
    for (int k = 0; k < n; k += L) {
      FloatVector p = FloatVector.fromArray(F, w, w0 + k);
      FloatVector q = FloatVector.fromArray(F, w, w1 + k);
      FloatVector r = FloatVector.fromArray(F, w, w2 + k);
      FloatVector s = FloatVector.fromArray(F, w, w3 + k);
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      a00 = p.fma(v, a00);
      a01 = q.fma(v, a01);
      a02 = r.fma(v, a02);
      a03 = s.fma(v, a03);
      v = FloatVector.fromArray(F, x, x1 + k);
      a10 = p.fma(v, a10);
      a11 = q.fma(v, a11);
      a12 = r.fma(v, a12);
      a13 = s.fma(v, a13);
      v = FloatVector.fromArray(F, x, x2 + k);
      a20 = p.fma(v, a20);
      a21 = q.fma(v, a21);
      a22 = r.fma(v, a22);
      a23 = s.fma(v, a23);
      v = FloatVector.fromArray(F, x, x3 + k);
      a30 = p.fma(v, a30);
      a31 = q.fma(v, a31);
      a32 = r.fma(v, a32);
      a33 = s.fma(v, a33);
    }
    a00.intoArray(lanes, 0);
    a01.intoArray(lanes, L);
    a02.intoArray(lanes, 2 * L);
    a03.intoArray(lanes, 3 * L);
    a10.intoArray(lanes, 4 * L);
    a11.intoArray(lanes, 5 * L);
    a12.intoArray(lanes, 6 * L);
    a13.intoArray(lanes, 7 * L);
    a20.intoArray(lanes, 8 * L);
    a21.intoArray(lanes, 9 * L);
    a22.intoArray(lanes, 10 * L);
    a23.intoArray(lanes, 11 * L);
    a30.intoArray(lanes, 12 * L);
    a31.intoArray(lanes, 13 * L);
    a32.intoArray(lanes, 14 * L);
    a33.intoArray(lanes, 15 * L);
  }

  static void tile4x1(float[] w, int w0, int stride, float[] x, int x0, int n, float[] lanes) {
    int w1 = w0 + stride;
    int w2 = w1 + stride;
    int w3 = w2 + stride;
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, x, x0 + k);
      a0 = FloatVector.fromArray(F, w, w0 + k).fma(v, a0);
      a1 = FloatVector.fromArray(F, w, w1 + k).fma(v, a1);
      a2 = FloatVector.fromArray(F, w, w2 + k).fma(v, a2);
      a3 = FloatVector.fromArray(F, w, w3 + k).fma(v, a3);
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, L);
    a2.intoArray(lanes, 2 * L);
    a3.intoArray(lanes, 3 * L);
  }

  /** Folds sixteen accumulators of {@code lanes} into its first sixteen elements. */
  static void fold16(float[] lanes) {
    if (L == 16) {
      halve8(lanes, 8);
      halve4(lanes, 4);
      halve2(lanes, 2);
      halve1(lanes);
      return;
    }
    for (int i = 0; i < 16; i++) {
      lanes[i] = fold(FloatVector.fromArray(F, lanes, i * L));
    }
  }

  /** Folds four accumulators of {@code lanes} into {@code y[at .. at + 4]}. */
  static void fold4(float[] lanes, float[] y, int at) {
    if (L == 16) {
      halve8(lanes, 2);
      halve4(lanes, 1);
      FloatVector v = FloatVector.fromArray(F, lanes, 0);
      v = v.add(v.rearrange(ACROSS_2));
      v.add(v.rearrange(ACROSS_1)).intoArray(lanes, 0);
      for (int i = 0; i < 4; i++) {
        y[at + i] = lanes[4 * i];
      }
      return;
    }
    for (int i = 0; i < 4; i++) {
      y[at + i] = fold(FloatVector.fromArray(F, lanes, i * L));
    }
  }

  // One step of two folds in one vector: lower lanes go on with the first, upper lanes with the
  // second. Written out four
  // times, since C2 makes objects of vectors that pass through a method it does not inline.

  private static void halve8(float[] lanes, int pairs) {
    for (int i = 0; i < pairs * L; i += L) {
      FloatVector a = FloatVector.fromArray(F, lanes, i);
      FloatVector b = FloatVector.fromArray(F, lanes, i + pairs * L);
      a.blend(b, UPPER_8).add(b.blend(a, UPPER_8).rearrange(ACROSS_8)).intoArray(lanes, i);
    }
  }

  private static void halve4(float[] lanes, int pairs) {
    for (int i = 0; i < pairs * L; i += L) {
      FloatVector a = FloatVector.fromArray(F, lanes, i);
      FloatVector b = FloatVector.fromArray(F, lanes, i + pairs * L);
      a.blend(b, UPPER_4).add(b.blend(a, UPPER_4).rearrange(ACROSS_4)).intoArray(lanes, i);
    }
  }

  private static void halve2(float[] lanes, int pairs) {
    for (int i = 0; i < pairs * L; i += L) {
      FloatVector a = FloatVector.fromArray(F, lanes, i);
      FloatVector b = FloatVector.fromArray(F, lanes, i + pairs * L);
      a.blend(b, UPPER_2).add(b.blend(a, UPPER_2).rearrange(ACROSS_2)).intoArray(lanes, i);
    }
  }

  private static void halve1(float[] lanes) {
    FloatVector a = FloatVector.fromArray(F, lanes, 0);
    FloatVector b = FloatVector.fromArray(F, lanes, L);
    a.blend(b, UPPER_1).add(b.blend(a, UPPER_1).rearrange(ACROSS_1)).intoArray(lanes, 0);
  }

  static float dot(float[] w, int w0, float[] x, int x0, int n) {
    FloatVector a = FloatVector.zero(F);
    for (int k = 0; k < n; k += L) {
      a = FloatVector.fromArray(F, w, w0 + k).fma(FloatVector.fromArray(F, x, x0 + k), a);
    }
    return fold(a);
  }
}
