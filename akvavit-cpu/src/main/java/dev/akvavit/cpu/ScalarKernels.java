package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.akvavit.core.DType;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;

/** The inner loops in plain Java, one lane wide: for a JVM without the Vector API. */
final class ScalarKernels implements Kernels {
  private static final float FACTOR = 0.5f; // sums stay of order one

  /** Written so that nobody may leave out how it came about. */
  private volatile float result;

  @Override
  public String description() {
    return "scalar, without the Vector API: start java with --add-modules jdk.incubator.vector for"
        + " 5 to 20 times the speed";
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public void widen(float[] out, int at, MemorySegment from, long offset, DType type, int n) {
    widenFrom(0, out, at, from, offset, type, n);
  }

  @Override
  public void narrow(MemorySegment to, long offset, DType type, float[] from, int at, int n) {
    Narrow.store(to, offset, type, from, at, n);
  }

  /** Elements {@code k .. n} of {@link #widen}: the tail of the vector form too. */
  static void widenFrom(
      int k, float[] out, int at, MemorySegment from, long offset, DType type, int n) {
    switch (type) {
      case F32 -> {
        for (; k < n; k++) {
          out[at + k] = from.get(JAVA_FLOAT_UNALIGNED, offset + 4L * k);
        }
      }
      case BF16 -> {
        for (; k < n; k++) {
          out[at + k] = Float.intBitsToFloat(from.get(JAVA_SHORT_UNALIGNED, offset + 2L * k) << 16);
        }
      }
      case F16 -> {
        for (; k < n; k++) {
          out[at + k] = Float.float16ToFloat(from.get(JAVA_SHORT_UNALIGNED, offset + 2L * k));
        }
      }
      case F8_E4M3 -> {
        for (; k < n; k++) {
          out[at + k] = Narrow.F8[from.get(JAVA_BYTE, offset + k) & 0xFF];
        }
      }
      case I32, I64 -> throw new IllegalArgumentException(type + " holds no real numbers");
      default -> {
        for (; k < n; k += type.blockElements()) {
          QuantBlocks.decode(type, from, offset + type.bytes(k), out, at + k);
        }
      }
    }
  }

  @Override
  public void scale(float[] a, int at, int n, float factor) {
    for (int k = at; k < at + n; k++) {
      a[k] *= factor;
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
    dots4x1(w, w0, stride, x, x0, n, y, y0, lanes);
    dots4x1(w, w0, stride, x, x1, n, y, y1, lanes);
    dots4x1(w, w0, stride, x, x2, n, y, y2, lanes);
    dots4x1(w, w0, stride, x, x3, n, y, y3, lanes);
  }

  @Override
  public void dots4x1(
      float[] w, int w0, int stride, float[] x, int x0, int n, float[] y, int y0, float[] lanes) {
    for (int r = 0; r < 4; r++) {
      y[y0 + r] = dot(w, w0 + r * stride, x, x0, n);
    }
  }

  @Override
  public float dot(float[] w, int w0, float[] x, int x0, int n) {
    float sum = 0;
    for (int k = 0; k < n; k++) {
      sum = Math.fma(w[w0 + k], x[x0 + k], sum);
    }
    return sum;
  }

  @Override
  public boolean widens(DType type) {
    return false;
  }

  @Override
  public boolean fuses(DType type, int n, int blockColumns) {
    return false;
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
    throw new UnsupportedOperationException("rows are widened first");
  }

  @Override
  public void roundToBytes(float[] x, int at, int n, MemorySegment records, long offset) {
    ByteInputs.round(x, at, n, records, offset);
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
    ScalarPanel.add(form, panel, block, blocks, records, record, sums);
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
    weighted1(p, p0, v, v0, stride, n, y, y0, width);
    weighted1(p, p1, v, v0, stride, n, y, y1, width);
    weighted1(p, p2, v, v0, stride, n, y, y2, width);
    weighted1(p, p3, v, v0, stride, n, y, y3, width);
  }

  @Override
  public void weighted1(
      float[] p, int p0, float[] v, int v0, int stride, int n, float[] y, int y0, int width) {
    for (int j = 0; j < n; j++) {
      float weight = p[p0 + j];
      int row = v0 + j * stride;
      for (int c = 0; c < width; c++) {
        y[y0 + c] = Math.fma(weight, v[row + c], y[y0 + c]);
      }
    }
  }

  @Override
  public float scaledMax(float[] s, int at, int n, float factor) {
    float max = Float.NEGATIVE_INFINITY;
    for (int k = at; k < at + n; k++) {
      s[k] *= factor;
      max = Math.max(max, s[k]);
    }
    return max;
  }

  @Override
  public float expSum(float[] s, int at, int n, float max, float[] lanes) {
    float sum = 0;
    for (int k = at; k < at + n; k++) {
      s[k] = Exponential.of(s[k] - max);
      sum += s[k];
    }
    return sum;
  }

  @Override
  public void addRelu(float[] y, int at, float[] s, int from, float weight, int n) {
    for (int k = 0; k < n; k++) {
      y[at + k] = Math.fma(Math.max(0, s[from + k]), weight, y[at + k]);
    }
  }

  @Override
  public float sumOfSquares(MemorySegment x, long offset, int n) {
    return sumOfSquaredDistances(x, offset, 0, n);
  }

  @Override
  public float sum(MemorySegment x, long offset, int n) {
    float sum = 0;
    for (int k = 0; k < n; k++) {
      sum += get(x, offset, k);
    }
    return sum;
  }

  @Override
  public float sumOfSquaredDistances(MemorySegment x, long offset, float from, int n) {
    float sum = 0;
    for (int k = 0; k < n; k++) {
      float v = get(x, offset, k) - from;
      sum = Math.fma(v, v, sum);
    }
    return sum;
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
    for (int k = 0; k < n; k++) {
      put(out, o, k, get(x, at, k) * factor * get(gain, g, k));
    }
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
    for (int k = 0; k < n; k++) {
      put(out, o, k, Math.fma((get(x, at, k) - mean) * factor, get(gain, g, k), get(bias, b, k)));
    }
  }

  @Override
  public void add(MemorySegment x, long at, MemorySegment y, long from, int n) {
    for (int k = 0; k < n; k++) {
      put(x, at, k, get(x, at, k) + get(y, from, k));
    }
  }

  @Override
  public void scale(MemorySegment x, long at, float factor, int n) {
    for (int k = 0; k < n; k++) {
      put(x, at, k, get(x, at, k) * factor);
    }
  }

  @Override
  public void swiglu(
      MemorySegment out, long o, MemorySegment gate, long g, MemorySegment up, long u, int n) {
    swigluFrom(0, out, o, gate, g, up, u, n);
  }

  static void swigluFrom(
      int k,
      MemorySegment out,
      long o,
      MemorySegment gate,
      long g,
      MemorySegment up,
      long u,
      int n) {
    for (; k < n; k++) {
      put(out, o, k, silu(get(gate, g, k)) * get(up, u, k));
    }
  }

  @Override
  public void swiglu(float[] gate, int g, float[] up, int u, int n) {
    for (int k = 0; k < n; k++) {
      gate[g + k] = silu(gate[g + k]) * up[u + k];
    }
  }

  @Override
  public void geluTanh(MemorySegment x, long at, int n) {
    geluTanhFrom(0, x, at, n);
  }

  static void geluTanhFrom(int k, MemorySegment x, long at, int n) {
    for (; k < n; k++) {
      float v = get(x, at, k);
      float u = (v * v * 0.044715f + 1) * v * (float) (2 * Math.sqrt(2 / Math.PI));
      put(x, at, k, v / (Exponential.of(-u) + 1));
    }
  }

  private static float silu(float x) {
    return x / (Exponential.of(-x) + 1);
  }

  private static float get(MemorySegment x, long offset, int k) {
    return x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * k);
  }

  private static void put(MemorySegment x, long offset, int k, float v) {
    x.set(JAVA_FLOAT_UNALIGNED, offset + 4L * k, v);
  }

  @Override
  public void chains(int rounds) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    for (int i = 0; i < rounds; i++) {
      a = Math.fma(a, FACTOR, FACTOR);
      b = Math.fma(b, FACTOR, FACTOR);
      c = Math.fma(c, FACTOR, FACTOR);
      d = Math.fma(d, FACTOR, FACTOR);
      e = Math.fma(e, FACTOR, FACTOR);
      f = Math.fma(f, FACTOR, FACTOR);
      g = Math.fma(g, FACTOR, FACTOR);
      h = Math.fma(h, FACTOR, FACTOR);
    }
    result = a + b + c + d + e + f + g + h;
  }

  @Override
  public void read(MemorySegment bytes, long n) {
    long a = 0;
    long b = 0;
    for (long at = 0; at < n; at += 2L * Long.BYTES) {
      a |= bytes.get(JAVA_LONG_UNALIGNED, at);
      b |= bytes.get(JAVA_LONG_UNALIGNED, at + Long.BYTES);
    }
    result = a | b;
  }
}
