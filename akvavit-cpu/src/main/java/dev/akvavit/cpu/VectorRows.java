package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;
import static dev.akvavit.cpu.VectorLanes.fold;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Row-wise loops over native bytes. Of a last, partial vector sums take a masked one, for their
 * order; where elements stay apart they go one by one: C2 may leave masks as objects.
 */
final class VectorRows {
  private VectorRows() {}

  private static FloatVector get(MemorySegment x, long offset, int k) {
    return FloatVector.fromMemorySegment(F, x, offset + 4L * k, LITTLE_ENDIAN);
  }

  private static FloatVector get(MemorySegment x, long offset, int k, VectorMask<Float> m) {
    return FloatVector.fromMemorySegment(F, x, offset + 4L * k, LITTLE_ENDIAN, m);
  }

  private static void put(FloatVector v, MemorySegment x, long offset, int k) {
    v.intoMemorySegment(x, offset + 4L * k, LITTLE_ENDIAN);
  }

  private static float one(MemorySegment x, long offset, int k) {
    return x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * k);
  }

  private static void put(float v, MemorySegment x, long offset, int k) {
    x.set(JAVA_FLOAT_UNALIGNED, offset + 4L * k, v);
  }

  static float sumOfSquares(MemorySegment x, long offset, int n) {
    FloatVector a = FloatVector.zero(F);
    int k = 0;
    for (; k + L <= n; k += L) {
      FloatVector v = get(x, offset, k);
      a = v.fma(v, a);
    }
    if (k < n) {
      FloatVector v = get(x, offset, k, F.indexInRange(k, n));
      a = v.fma(v, a);
    }
    return fold(a);
  }

  static float sum(MemorySegment x, long offset, int n) {
    FloatVector a = FloatVector.zero(F);
    int k = 0;
    for (; k + L <= n; k += L) {
      a = a.add(get(x, offset, k));
    }
    if (k < n) {
      a = a.add(get(x, offset, k, F.indexInRange(k, n)));
    }
    return fold(a);
  }

  static float sumOfSquaredDistances(MemorySegment x, long offset, float from, int n) {
    FloatVector a = FloatVector.zero(F);
    int k = 0;
    for (; k + L <= n; k += L) {
      FloatVector v = get(x, offset, k).sub(from);
      a = v.fma(v, a);
    }
    if (k < n) {
      VectorMask<Float> m = F.indexInRange(k, n);
      FloatVector v = FloatVector.zero(F).blend(get(x, offset, k, m).sub(from), m);
      a = v.fma(v, a);
    }
    return fold(a);
  }

  static void gained(
      MemorySegment out,
      long o,
      MemorySegment x,
      long at,
      MemorySegment gain,
      long g,
      float factor,
      int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      put(get(x, at, k).mul(factor).mul(get(gain, g, k)), out, o, k);
    }
    for (; k < n; k++) {
      put(one(x, at, k) * factor * one(gain, g, k), out, o, k);
    }
  }

  static void normed(
      MemorySegment out,
      long o,
      MemorySegment x,
      long at,
      MemorySegment gain,
      long g,
      MemorySegment bias,
      long b,
      float mean,
      float factor,
      int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      put(get(x, at, k).sub(mean).mul(factor).fma(get(gain, g, k), get(bias, b, k)), out, o, k);
    }
    for (; k < n; k++) {
      float v = (one(x, at, k) - mean) * factor;
      put(Math.fma(v, one(gain, g, k), one(bias, b, k)), out, o, k);
    }
  }

  static void add(MemorySegment x, long at, MemorySegment y, long from, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      put(get(x, at, k).add(get(y, from, k)), x, at, k);
    }
    for (; k < n; k++) {
      put(one(x, at, k) + one(y, from, k), x, at, k);
    }
  }

  static void scale(MemorySegment x, long at, float factor, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      put(get(x, at, k).mul(factor), x, at, k);
    }
    for (; k < n; k++) {
      put(one(x, at, k) * factor, x, at, k);
    }
  }

  /**
   * The exponential leaves no room for a masked copy of the loop within C2's budget; its scalar
   * form has the same bits.
   */
  static void swiglu(
      MemorySegment out, long o, MemorySegment gate, long g, MemorySegment up, long u, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      put(VectorLanes.silu(get(gate, g, k)).mul(get(up, u, k)), out, o, k);
    }
    ScalarKernels.swigluFrom(k, out, o, gate, g, up, u, n);
  }

  static void geluTanh(MemorySegment x, long at, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      FloatVector v = get(x, at, k);
      FloatVector z =
          v.mul(v).mul(0.044715f).add(1).mul(v).mul((float) (2 * Math.sqrt(2 / Math.PI)));
      put(v.div(VectorLanes.exp(z.neg()).add(1)), x, at, k);
    }
    ScalarKernels.geluTanhFrom(k, x, at, n);
  }
}
