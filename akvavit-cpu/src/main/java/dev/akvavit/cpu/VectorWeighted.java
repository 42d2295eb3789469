package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;

import jdk.incubator.vector.FloatVector;

/** Weighted sums of F32 rows: lanes run along the sum, each lane adds rows in ascending order. */
final class VectorWeighted {
  private VectorWeighted() {}

  static void four(
      float[] p,
      int p0,
      int p1,
      int p2,
      int p3,
      float[] v,
      int v0,
      int stride,
      int n,
      float[] y,
      int y0,
      int y1,
      int y2,
      int y3,
      int width) {
    int c = 0;
    for (; c + 2 * L <= width; c += 2 * L) {
      four2(p, p0, p1, p2, p3, v, v0 + c, stride, n, y, y0 + c, y1 + c, y2 + c, y3 + c);
    }
    if (c < width) {
      one1(p, p0, v, v0 + c, stride, n, y, y0 + c);
      one1(p, p1, v, v0 + c, stride, n, y, y1 + c);
      one1(p, p2, v, v0 + c, stride, n, y, y2 + c);
      one1(p, p3, v, v0 + c, stride, n, y, y3 + c);
    }
  }

  private static void four2(
      float[] p,
      int p0,
      int p1,
      int p2,
      int p3,
      float[] v,
      int at,
      int stride,
      int n,
      float[] y,
      int y0,
      int y1,
      int y2,
      int y3) {
    FloatVector a0 = FloatVector.fromArray(F, y, y0);
    FloatVector b0 = FloatVector.fromArray(F, y, y0 + L);
    FloatVector a1 = FloatVector.fromArray(F, y, y1);
    FloatVector b1 = FloatVector.fromArray(F, y, y1 + L);
    FloatVector a2 = FloatVector.fromArray(F, y, y2);
    FloatVector b2 = FloatVector.fromArray(F, y, y2 + L);
    FloatVector a3 = FloatVector.fromArray(F, y, y3);
    FloatVector b3 = FloatVector.fromArray(F, y, y3 + L);
    for (int j = 0; j < n; j++, at += stride) {
      FloatVector s = FloatVector.fromArray(F, v, at);
      FloatVector t = FloatVector.fromArray(F, v, at + L);
      FloatVector x = FloatVector.broadcast(F, p[p0 + j]);
      a0 = x.fma(s, a0);
      b0 = x.fma(t, b0);
      x = FloatVector.broadcast(F, p[p1 + j]);
      a1 = x.fma(s, a1);
      b1 = x.fma(t, b1);
      x = FloatVector.broadcast(F, p[p2 + j]);
      a2 = x.fma(s, a2);
      b2 = x.fma(t, b2);
      x = FloatVector.broadcast(F, p[p3 + j]);
      a3 = x.fma(s, a3);
      b3 = x.fma(t, b3);
    }
    a0.intoArray(y, y0);
    b0.intoArray(y, y0 + L);
    a1.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    a2.intoArray(y, y2);
    b2.intoArray(y, y2 + L);
    a3.intoArray(y, y3);
    b3.intoArray(y, y3 + L);
  }

  static void one(
      float[] p, int p0, float[] v, int v0, int stride, int n, float[] y, int y0, int width) {
    int c = 0;
    for (; c + 4 * L <= width; c += 4 * L) {
      one4(p, p0, v, v0 + c, stride, n, y, y0 + c);
    }
    for (; c < width; c += L) {
      one1(p, p0, v, v0 + c, stride, n, y, y0 + c);
    }
  }

  private static void one4(
      float[] p, int p0, float[] v, int at, int stride, int n, float[] y, int y0) {
    FloatVector a = FloatVector.fromArray(F, y, y0);
    FloatVector b = FloatVector.fromArray(F, y, y0 + L);
    FloatVector c = FloatVector.fromArray(F, y, y0 + 2 * L);
    FloatVector d = FloatVector.fromArray(F, y, y0 + 3 * L);
    for (int j = 0; j < n; j++, at += stride) {
      FloatVector x = FloatVector.broadcast(F, p[p0 + j]);
      a = x.fma(FloatVector.fromArray(F, v, at), a);
      b = x.fma(FloatVector.fromArray(F, v, at + L), b);
      c = x.fma(FloatVector.fromArray(F, v, at + 2 * L), c);
      d = x.fma(FloatVector.fromArray(F, v, at + 3 * L), d);
    }
    a.intoArray(y, y0);
    b.intoArray(y, y0 + L);
    c.intoArray(y, y0 + 2 * L);
    d.intoArray(y, y0 + 3 * L);
  }

  private static void one1(
      float[] p, int p0, float[] v, int at, int stride, int n, float[] y, int y0) {
    FloatVector a = FloatVector.fromArray(F, y, y0);
    for (int j = 0; j < n; j++, at += stride) {
      a = FloatVector.broadcast(F, p[p0 + j]).fma(FloatVector.fromArray(F, v, at), a);
    }
    a.intoArray(y, y0);
  }
}
