package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The inner loops on the Vector API. Loaded only where the JVM has the module {@code
 * jdk.incubator.vector}.
 */
final class VectorKernels implements Kernels {

  @Override
  public String description() {
    return F.vectorBitSize() + "-bit Vector API";
  }

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public void widen(float[] out, int at, MemorySegment from, long offset, DType type, int n) {
    int k = VectorWiden.widen(out, at, from, offset, type, n);
    if (k < n) {
      ScalarKernels.widenFrom(k, out, at, from, offset, type, n);
    }
  }

  @Override
  public void narrow(MemorySegment to, long offset, DType type, float[] from, int at, int n) {
    int k = VectorNarrow.narrow(to, offset, type, from, at, n);
    if (k < n) {
      Narrow.store(to, offset + type.bytes(k), type, from, at + k, n - k);
    }
  }

  @Override
  public void scale(float[] a, int at, int n, float factor) {
    int k = 0;
    for (; k + L <= n; k += L) {
      FloatVector.fromArray(F, a, at + k).mul(factor).intoArray(a, at + k);
    }
    for (; k < n; k++) {
      a[at + k] *= factor;
    }
  }

  @Override
  public void dots4x4(
      float[] w,
      int w0,
      int stride,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] y,
      int y0,
      int y1,
      int y2,
      int y3,
      float[] lanes) {
    VectorDots.tile4x4(w, w0, stride, x, x0, x1, x2, x3, n, lanes);
    VectorDots.fold16(lanes);
    for (int i = 0; i < 4; i++) {
      y[y0 + i] = lanes[i];
      y[y1 + i] = lanes[4 + i];
      y[y2 + i] = lanes[8 + i];
      y[y3 + i] = lanes[12 + i];
    }
  }

  @Override
  public void dots4x1(
      float[] w, int w0, int stride, float[] x, int x0, int n, float[] y, int y0, float[] lanes) {
    VectorDots.tile4x1(w, w0, stride, x, x0, n, lanes);
    VectorDots.fold4(lanes, y, y0);
  }

  @Override
  public float dot(float[] w, int w0, float[] x, int x0, int n) {
    return VectorDots.dot(w, w0, x, x0, n);
  }

  @Override
  public boolean widens(DType type) {
    return VectorWiden.widens(type);
  }

  @Override
  public boolean fuses(DType type, int n, int blockColumns) {
    return switch (type) {
      case F32, BF16, F16 -> n % L == 0;
      case F8_E4M3 -> n % L == 0 && L >= 8 && blockColumns % L == 0 && blockColumns > 0;
      case Q8_0, Q4_0 -> L >= 8;
      default -> false;
    };
  }

  @Override
  public void dots4(
      DType type,
      MemorySegment w,
      long[] offsets,
      MemorySegment factors,
      int blockColumns,
      float[] x,
      int x0,
      int n,
      float[] y,
      int y0,
      float[] lanes) {
    switch (type) {
      case F32 -> VectorMatvec.f32(w, offsets, x, x0, n, lanes);
      case BF16 -> VectorMatvec.bf16(w, offsets, x, x0, n, lanes);
      case F16 -> VectorMatvec.f16(w, offsets, x, x0, n, lanes);
      case F8_E4M3 -> VectorMatvec.f8(w, offsets, factors, blockColumns, x, x0, n, lanes);
      case Q8_0 -> {
        VectorQuant.q8Pair(w, offsets[0], offsets[1], x, x0, n, lanes, 0);
        VectorQuant.q8Pair(w, offsets[2], offsets[3], x, x0, n, lanes, 2 * L);
      }
      case Q4_0 -> {
        VectorQuant.q4Pair(w, offsets[0], offsets[1], x, x0, n, lanes, 0);
        VectorQuant.q4Pair(w, offsets[2], offsets[3], x, x0, n, lanes, 2 * L);
      }
      default -> throw new IllegalArgumentException(type + " rows are not read whole");
    }
    VectorDots.fold4(lanes, y, y0);
  }

  @Override
  public void roundToBytes(float[] x, int at, int n, MemorySegment records, long offset) {
    VectorPanel.round(x, at, n, records, offset);
  }

  @Override
  public void addPanel(
      PanelForm form,
      MemorySegment panel,
      long block,
      int blocks,
      MemorySegment records,
      long record,
      float[] sums) {
    VectorPanel.add(form, panel, block, blocks, records, record, sums);
  }

  @Override
  public void weighted4(
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
    VectorWeighted.four(p, p0, p1, p2, p3, v, v0, stride, n, y, y0, y1, y2, y3, width);
  }

  @Override
  public void weighted1(
      float[] p, int p0, float[] v, int v0, int stride, int n, float[] y, int y0, int width) {
    VectorWeighted.one(p, p0, v, v0, stride, n, y, y0, width);
  }

  @Override
  public float scaledMax(float[] s, int at, int n, float factor) {
    for (int k = n; k % L != 0; k++) {
      s[at + k] = Float.NEGATIVE_INFINITY;
    }
    FloatVector max = VectorLanes.all(Float.NEGATIVE_INFINITY);
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, s, at + k).mul(factor);
      v.intoArray(s, at + k);
      max = max.max(v);
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public float expSum(float[] s, int at, int n, float max, float[] lanes) {
    for (int k = n; k % L != 0; k++) {
      s[at + k] = Float.NEGATIVE_INFINITY;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int k = 0; k < n; k += L) {
      FloatVector v = VectorLanes.exp(FloatVector.fromArray(F, s, at + k).sub(max));
      v.intoArray(s, at + k);
      sum = sum.add(v);
    }
    sum.intoArray(lanes, 0); // a vector handed to a method that C2 does not inline is an object
    return VectorLanes.fold(lanes);
  }

  @Override
  public void addRelu(float[] y, int at, float[] s, int from, float weight, int n) {
    for (int k = 0; k < n; k += L) {
      FloatVector v = FloatVector.fromArray(F, s, from + k).max(0);
      v.fma(VectorLanes.all(weight), FloatVector.fromArray(F, y, at + k)).intoArray(y, at + k);
    }
  }

  @Override
  public float sumOfSquares(MemorySegment x, long offset, int n) {
    return VectorRows.sumOfSquares(x, offset, n);
  }

  @Override
  public float sum(MemorySegment x, long offset, int n) {
    return VectorRows.sum(x, offset, n);
  }

  @Override
  public float sumOfSquaredDistances(MemorySegment x, long offset, float from, int n) {
    return VectorRows.sumOfSquaredDistances(x, offset, from, n);
  }

  @Override
  public void gained(
      MemorySegment out,
      long o,
      MemorySegment x,
      long at,
      MemorySegment gain,
      long g,
      float factor,
      int n) {
    VectorRows.gained(out, o, x, at, gain, g, factor, n);
  }

  @Override
  public void normed(
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
    VectorRows.normed(out, o, x, at, gain, g, bias, b, mean, factor, n);
  }

  @Override
  public void add(MemorySegment x, long at, MemorySegment y, long from, int n) {
    VectorRows.add(x, at, y, from, n);
  }

  @Override
  public void scale(MemorySegment x, long at, float factor, int n) {
    VectorRows.scale(x, at, factor, n);
  }

  @Override
  public void swiglu(
      MemorySegment out, long o, MemorySegment gate, long g, MemorySegment up, long u, int n) {
    VectorRows.swiglu(out, o, gate, g, up, u, n);
  }

  @Override
  public void swiglu(float[] gate, int g, float[] up, int u, int n) {
    for (int k = 0; k < n; k += L) {
      FloatVector v = VectorLanes.silu(FloatVector.fromArray(F, gate, g + k));
      v.mul(FloatVector.fromArray(F, up, u + k)).intoArray(gate, g + k);
    }
  }

  @Override
  public void geluTanh(MemorySegment x, long at, int n) {
    VectorRows.geluTanh(x, at, n);
  }

  @Override
  public void chains(int rounds) {
    VectorChains.run(rounds);
  }

  @Override
  public void read(MemorySegment bytes, long n) {
    VectorChains.read(bytes, n);
  }
}
