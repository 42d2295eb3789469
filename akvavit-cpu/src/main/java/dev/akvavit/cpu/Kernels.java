package dev.akvavit.cpu;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;

/**
 * The inner loops, over F32 scratch arrays and native bytes; offsets into segments count bytes.
 *
 * <p>Rows of scratch are zero-padded to a multiple of {@link #lanes}, so no kernel has a tail. The
 * order of every sum is fixed: lane {@code i % lanes} adds its products in ascending order by fused
 * multiply-add, then lanes fold in halves. So a dot product has the same bits in a tile of 4 x 4,
 * in a tile of one, and fused with the decoding of its weights.
 */
interface Kernels {
  /** Sums of {@link #chains}. */
  int CHAINS = 8;

  /** Which loops these are, for people. */
  String description();

  int lanes();

  /** {@code n} rounded up to whole vectors. */
  default int padded(int n) {
    return Math.ceilDiv(n, lanes()) * lanes();
  }

  /**
   * {@code out[at .. at + n] = } stored values as F32, exactly; FP8 without its block factors, NaN
   * codes as 480; quantised types by whole blocks, as {@link dev.akvavit.core.QuantBlocks} says.
   */
  void widen(float[] out, int at, MemorySegment from, long offset, DType type, int n);

  /**
   * Rows into the cache, as {@link dev.akvavit.core.Ops#store} rounds them; {@code n} whole blocks.
   */
  void narrow(MemorySegment to, long offset, DType type, float[] from, int at, int n);

  /** {@code a[at .. at + n] *= factor}. */
  void scale(float[] a, int at, int n, float factor);

  /**
   * Dot products of four {@code w} rows, {@code stride} apart, with four {@code x} rows: {@code
   * y[yt + r] = w_r . x_t}.
   */
  void dots4x4(
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
      float[] lanes);

  /** Dot products of four {@code w} rows with one {@code x} row. */
  void dots4x1(
      float[] w, int w0, int stride, float[] x, int x0, int n, float[] y, int y0, float[] lanes);

  float dot(float[] w, int w0, float[] x, int x0, int n);

  /** Whether a type is read many values at a time. */
  boolean widens(DType type);

  /** Whether {@link #dots4} reads rows of {@code n} such elements whole. */
  boolean fuses(DType type, int n, int blockColumns);

  /**
   * Dot products of four stored rows with one {@code x} row, decoded on the way.
   *
   * @param offsets four byte offsets of rows, then four byte offsets of their block factors
   * @param blockColumns columns that share a factor; 0 without factors
   */
  void dots4(
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
      float[] lanes);

  /** {@code n} elements as records of {@link ByteInputs}. */
  void roundToBytes(float[] x, int at, int n, MemorySegment records, long offset);

  /**
   * {@code sums[0 .. 16] += } the rows of a panel times a vector of codes: for each block,
   * ascending, and each of its parts {@code sum = fma(products, factor * d, sum)}, then {@code sum
   * = fma(minimum, -d * codes, sum)} for each where the form has minima.
   *
   * <p>Products are those of codes, less 128 times the vector's codes where the form has no minima:
   * an integer.
   */
  void addPanel(
      PanelForm form,
      MemorySegment panel,
      long block,
      int blocks,
      MemorySegment records,
      long record,
      float[] sums);

  /**
   * {@code y_r[0 .. width] += sum over j < n, ascending, of p[pr + j] v[v0 + j stride ..]} for four
   * rows.
   */
  void weighted4(
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
      int width);

  void weighted1(
      float[] p, int p0, float[] v, int v0, int stride, int n, float[] y, int y0, int width);

  /**
   * {@code s[at .. at + n] *= factor}, and the largest of them; entries up to the next whole vector
   * may be overwritten.
   */
  float scaledMax(float[] s, int at, int n, float factor);

  /**
   * {@code s = exp(s - max)}, and their sum; entries up to the next whole vector, and {@code
   * lanes}, may be overwritten.
   */
  float expSum(float[] s, int at, int n, float max, float[] lanes);

  /** {@code y[at + i] += weight * max(0, s[from + i])} for whole vectors. */
  void addRelu(float[] y, int at, float[] s, int from, float weight, int n);

  float sumOfSquares(MemorySegment x, long offset, int n);

  float sum(MemorySegment x, long offset, int n);

  float sumOfSquaredDistances(MemorySegment x, long offset, float from, int n);

  /** {@code out = gain * (x * factor)}. */
  void gained(
      MemorySegment out,
      long o,
      MemorySegment x,
      long at,
      MemorySegment gain,
      long g,
      float factor,
      int n);

  /** {@code out = gain * ((x - mean) * factor) + bias}. */
  void normed(
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
      int n);

  /** {@code x += y}. */
  void add(MemorySegment x, long at, MemorySegment y, long from, int n);

  /** {@code x *= factor}. */
  void scale(MemorySegment x, long at, float factor, int n);

  /** {@code out = silu(gate) * up}. */
  void swiglu(
      MemorySegment out, long o, MemorySegment gate, long g, MemorySegment up, long u, int n);

  /** {@code gate = silu(gate) * up} for whole vectors. */
  void swiglu(float[] gate, int g, float[] up, int u, int n);

  /** GELU by tanh, in place: {@code x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3))}. */
  void geluTanh(MemorySegment x, long at, int n);

  /**
   * {@code rounds} times {@value #CHAINS} fused multiply-adds that do not wait for each other, and
   * nothing else: what the other loops are measured by.
   */
  void chains(int rounds);

  /** Loads so many bytes, a multiple of 256, and does nothing with them. */
  void read(MemorySegment bytes, long n);
}
