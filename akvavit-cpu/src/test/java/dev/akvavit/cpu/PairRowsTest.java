package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Products of BF16 matrices with inputs rounded to BF16: near the sums in F64, and with the same
 * bits whatever shares the step.
 */
final class PairRowsTest {
  private static final RoundingRule EXACT =
      new RoundingRule(ActivationPrecision.F32, false, false, Rounding.NARROW, Rounding.BYTES);
  private static final int CASES = 2000;

  /** A random product. */
  private static final class Case {
    final SplittableRandom r;
    final Weight w;
    final FloatInputs exact = new FloatInputs();
    final int vectors;

    Case(long seed) {
      r = new SplittableRandom(seed);
      int heads = r.nextInt(3) == 0 ? 1 + r.nextInt(3) : 1;
      int out = 1 + r.nextInt(r.nextInt(4) == 0 ? 90 : 20);
      int in = r.nextBoolean() ? 32 * (1 + r.nextInt(8)) : 1 + r.nextInt(300);
      int run = heads > 1 || r.nextBoolean() ? out : 1 + r.nextInt(out);
      long stride = run + r.nextInt(5);
      long firstRow = r.nextInt(3);
      long rows = firstRow + (long) Math.ceilDiv(heads * out, run) * stride;
      int columns = in + r.nextInt(9);
      MemorySegment data = Arena.ofAuto().allocate(2 * rows * columns, 2);
      for (long i = 0; i < rows * columns; i++) {
        data.setAtIndex(JAVA_SHORT_UNALIGNED, i, Narrow.bf16((float) r.nextGaussian()));
      }
      w =
          new Weight(
              "w",
              DType.BF16,
              heads,
              out,
              in,
              false,
              columns,
              firstRow,
              run,
              stride,
              new CpuBuffer(data),
              null);
      vectors = 1 + r.nextInt(r.nextInt(4) == 0 ? 70 : 10);
      exact.begin(vectors, heads, in);
      for (int i = 0; i < vectors; i++) {
        for (int h = 0; h < heads; h++) {
          for (int k = 0; k < in; k++) {
            exact.values[exact.at(i, h) + k] = (float) r.nextGaussian() * (k % 7 == 3 ? 1e-6f : 1);
          }
        }
      }
    }

    Inputs packed(Rounding rounding, boolean picked, Scratch s) {
      Inputs x = new InputForms(picked).begin(rounding, vectors, w.heads(), w.in());
      x.round(exact, 0, vectors, s);
      return x;
    }

    /** The sum in F64, and how far F32 may be off. */
    void check(float found, int head, int row, int vector, String what) {
      double sum = 0;
      double size = 0;
      for (int k = 0; k < w.in(); k++) {
        long at = w.storedRow(head * w.out() + row) * w.columns() + k;
        float a = bf16(CpuBuffer.of(w.data()).getAtIndex(JAVA_SHORT_UNALIGNED, at));
        double product = a * (double) bf16(Narrow.bf16(exact.values[exact.at(vector, head) + k]));
        sum += product;
        size += Math.abs(product);
      }
      double rounding = (w.in() + 16) * 0x1p-24 * size; // one for each addition
      double flushed = 3 * w.in() * (double) Float.MIN_NORMAL;
      assertThat((double) found)
          .as(what)
          .isBetween(sum - rounding - flushed, sum + rounding + flushed);
    }
  }

  private static float bf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  @Test
  void everyFormIsNearAndVectorsStandAlone() {
    Scratch s = Scratch.of(1, true, EXACT)[0];
    Rounding here = PairRows.rounding(MachineRows.isReady());
    for (long seed = 0; seed < CASES; seed++) {
      Case c = new Case(seed);
      Weight w = c.w;
      int head = c.r.nextInt(w.heads());
      int[] order = Matmul.ascending(new int[0], c.vectors);
      int stride = w.out() + 16;
      float[] y = new float[c.vectors * stride];
      RowBlock.multiply(
          w, head, 0, w.out(), c.packed(here, false, s), order, 0, c.vectors, s, y, stride);
      String what = here + ", seed " + seed;
      for (int i = 0; i < c.vectors; i += 1 + c.r.nextInt(3)) {
        int row = c.r.nextInt(w.out());
        c.check(y[i * stride + row], head, row, i, what);
      }
      int from = c.r.nextInt(w.out());
      int to = from + 1 + c.r.nextInt(w.out() - from);
      int first = c.r.nextInt(c.vectors);
      int n = c.r.nextBoolean() ? 1 : 1 + c.r.nextInt(c.vectors - first);
      int[] picked = c.r.ints(c.vectors, 0, c.vectors).toArray();
      float[] part = new float[n * stride];
      RowBlock.multiply(
          w, head, from, to, c.packed(here, true, s), picked, first, n, s, part, stride);
      for (int i = 0; i < n; i++) {
        int at = picked[first + i] * stride;
        assertThat(Arrays.copyOfRange(part, i * stride, i * stride + to - from))
            .as("%s, rows %d to %d, vector %d of %d", what, from, to, i, n)
            .isEqualTo(Arrays.copyOfRange(y, at + from, at + to));
      }
    }
  }

  // ---- operations

  private static Backend backend(boolean machineCode, int threads) {
    return new CpuBackend(new Backend.Settings(threads, machineCode, ActivationPrecision.BF16));
  }

  private static Tensor tensor(Backend b, Extent extent, int width) {
    CpuBuffer bytes = (CpuBuffer) b.allocate(4L * extent.capacity() * width);
    return new Tensor(bytes, DType.F32, extent, 0, width, 1, width, width);
  }

  private static Weight weight(SplittableRandom r, Backend b, int out, int in) {
    CpuBuffer data = (CpuBuffer) b.allocate(2L * out * in);
    for (long i = 0; i < (long) out * in; i++) {
      float v = (float) (r.nextGaussian() / Math.sqrt(in));
      data.bytes().setAtIndex(JAVA_SHORT_UNALIGNED, i, Narrow.bf16(v));
    }
    return Weight.dense("w", DType.BF16, out, in, data, null);
  }

  private static float[] row(Backend b, Tensor t, int row) {
    float[] out = new float[t.dim()];
    b.read(t, row, out);
    return out;
  }

  @Test
  void aTokenAloneHasTheBitsItHasInABatch() {
    assumeTrue(Lanes.present());
    for (long seed = 0; seed < 60; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      int tokens = 1 + r.nextInt(seed % 4 == 0 ? 150 : 20);
      int width = 8 * (1 + r.nextInt(30));
      int inner = 8 * (1 + r.nextInt(30));
      int experts = 2 + r.nextInt(6);
      int topK = 1 + r.nextInt(2);
      try (Backend b = backend(true, 2)) {
        Extent extent = new Extent(tokens);
        extent.set(0, tokens);
        Tensor x = tensor(b, extent, width);
        for (long i = 0; i < (long) tokens * width; i++) {
          CpuBuffer.of(x).setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) r.nextGaussian());
        }
        Tensor y = tensor(b, extent, inner);
        Tensor z = tensor(b, extent, width);
        Weight w = weight(r, b, inner, width);
        List<List<Weight>> all = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int e = 0; e < experts; e++) {
          all.get(0).add(weight(r, b, inner, width));
          all.get(1).add(weight(r, b, inner, width));
          all.get(2).add(weight(r, b, width, inner));
        }
        CpuRouting routing = new CpuRouting(extent, topK);
        for (int t = 0; t < tokens; t++) {
          int first = r.nextInt(experts - topK + 1);
          for (int k = 0; k < topK; k++) {
            routing.experts[t * topK + k] = first + k;
            routing.weights[t * topK + k] = r.nextFloat();
          }
        }
        ExpertWeights mixture = new ExpertWeights(all.get(0), all.get(1), all.get(2));
        b.ops().matmul(y, x, w);
        b.ops().experts(z, x, mixture, routing);
        int some = r.nextInt(tokens);
        float[] dense = row(b, y, some);
        float[] mixed = row(b, z, some);
        extent.set(some, 1);
        b.ops().matmul(y, x, w);
        b.ops().experts(z, x, mixture, routing);
        assertThat(row(b, y, 0)).as("matmul, seed %d", seed).isEqualTo(dense);
        assertThat(row(b, z, 0)).as("experts, seed %d", seed).isEqualTo(mixed);
        try (Backend twin = backend(false, 1)) {
          twin.ops().matmul(y, x, w);
          twin.ops().experts(z, x, mixture, routing);
        }
        // Sums differ in their last bits, and so, seldom, what inner activations are rounded to.
        assertNear(row(b, y, 0), dense, 1e-5, "matmul, seed " + seed);
        assertNear(row(b, z, 0), mixed, 0x1p-7, "experts, seed " + seed);
      }
    }
  }

  private static void assertNear(float[] a, float[] b, double share, String what) {
    double size = 0;
    for (float v : a) {
      size = Math.max(size, Math.abs(v));
    }
    for (int i = 0; i < a.length; i++) {
      assertThat(Math.abs(a[i] - b[i]))
          .as("%s, element %d", what, i)
          .isLessThanOrEqualTo((float) (share * size + 1e-30));
    }
  }
}
