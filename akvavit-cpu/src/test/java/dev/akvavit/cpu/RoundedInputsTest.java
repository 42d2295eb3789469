package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.QuantDraft;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whole operations on rounded inputs: who rounds, and that company and threads change no bit. */
final class RoundedInputsTest {
  private static final int CASES = 150;

  private static CpuBackend open(int threads, boolean machineCode, ActivationPrecision p) {
    return new CpuBackend(new Backend.Settings(threads, machineCode, p));
  }

  private static Weight weight(SplittableRandom r, DType type, int out, int in) {
    byte[] bytes =
        type.quantised()
            ? QuantDraft.random(r, type, out * in)
            : new byte[(int) type.bytes(out * in)];
    for (int i = 0; i < bytes.length && !type.quantised(); i += 2) { // BF16 near 1
      bytes[i] = (byte) r.nextInt(256);
      bytes[i + 1] = (byte) (r.nextBoolean() ? 0x3F : 0xBF);
    }
    MemorySegment place = Arena.ofAuto().allocate(bytes.length, 64);
    return Weight.dense(
        "w", type, out, in, new CpuBuffer(place.copyFrom(MemorySegment.ofArray(bytes))), null);
  }

  private static Tensor tensor(Extent rows, int heads, int dim, float[] values) {
    MemorySegment place = Arena.ofAuto().allocate(4L * rows.capacity() * heads * dim, 64);
    MemorySegment.copy(values, 0, place, ValueLayout.JAVA_FLOAT, 0, values.length);
    CpuBuffer buffer = new CpuBuffer(place);
    return new Tensor(buffer, DType.F32, rows, 0, heads * dim, heads, dim, dim);
  }

  private static float[] values(Tensor t, int rows) {
    return Arrays.copyOf(
        CpuBuffer.of(t).toArray(ValueLayout.JAVA_FLOAT), rows * t.heads() * t.dim());
  }

  private static float[] product(CpuBackend backend, Weight w, float[] x) {
    int rows = x.length / (w.heads() * w.in());
    Extent extent = new Extent(rows);
    extent.set(0, rows);
    Tensor out = tensor(extent, w.heads(), w.out(), new float[rows * w.heads() * w.out()]);
    backend.ops().matmul(out, tensor(extent, w.heads(), w.in(), x), w);
    return values(out, rows);
  }

  private static float[] random(SplittableRandom r, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) r.nextGaussian();
    }
    return x;
  }

  private static DType any(SplittableRandom r, boolean fastOnly) {
    DType[] all =
        fastOnly
            ? new DType[] {DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K, DType.MXFP4}
            : PanelRowsTest.quantised();
    return all[r.nextInt(all.length)];
  }

  /** Machine code, lanes, one thread, two threads, a row alone: the same bits. */
  @Test
  void aRowHasItsBitsInAnyCompany() {
    try (CpuBackend team = open(2, true, ActivationPrecision.INT8);
        CpuBackend alone = open(1, false, ActivationPrecision.INT8)) {
      for (long seed = 0; seed < CASES; seed++) {
        SplittableRandom r = new SplittableRandom(seed);
        DType type = any(r, false);
        int heads = 1 + r.nextInt(2);
        int in = type.blockElements() * (1 + r.nextInt(512 / type.blockElements()));
        Weight w = weight(r, type, heads * (1 + r.nextInt(150)), in).split(heads);
        int rows = 1 + r.nextInt(12);
        float[] x = random(r, rows * heads * in);
        float[] y = product(team, w, x);
        assertThat(product(alone, w, x)).as("%s, seed %d", type, seed).isEqualTo(y);
        int row = r.nextInt(rows);
        float[] one = Arrays.copyOfRange(x, row * heads * in, (row + 1) * heads * in);
        int width = heads * w.out();
        assertThat(product(team, w, one))
            .as("%s, seed %d, row %d", type, seed, row)
            .isEqualTo(Arrays.copyOfRange(y, row * width, (row + 1) * width));
      }
    }
  }

  /** The default rounds where that is fast; F32 never does, nor before transposed matrices. */
  @Test
  void theRuleIsTheSettings() {
    boolean fast = PanelRows.isFast() && MachineRows.isReady();
    try (CpuBackend exact = open(1, true, ActivationPrecision.F32);
        CpuBackend rounded = open(1, true, ActivationPrecision.INT8);
        CpuBackend plain = open(1, false, ActivationPrecision.AUTO);
        CpuBackend auto = open(1, true, ActivationPrecision.AUTO)) {
      SplittableRandom r = new SplittableRandom(7);
      for (DType type : PanelRowsTest.quantised()) {
        Weight w = weight(r, type, 48, 512);
        float[] x = random(r, 3 * 512);
        float[] y = product(exact, w, x);
        float[] z = product(rounded, w, x);
        assertThat(z).isNotEqualTo(y);
        assertThat(product(plain, w, x)).isEqualTo(y);
        boolean quick = dev.akvavit.cpu.machine.PanelCall.decodes(type);
        assertThat(product(auto, w, x)).as(type.name()).isEqualTo(fast && quick ? z : y);
      }
      Weight floats = weight(r, DType.BF16, 48, 512);
      float[] x = random(r, 3 * 512);
      assertThat(product(rounded, floats, x)).isEqualTo(product(exact, floats, x));
      try (CpuBackend narrow = open(1, true, ActivationPrecision.BF16)) {
        assertThat(product(narrow, floats, x)).isNotEqualTo(product(exact, floats, x));
        boolean pairs = PairRows.isFast(MachineRows.isReady());
        assertThat(product(auto, floats, x)).isEqualTo(product(pairs ? narrow : exact, floats, x));
        assertThat(auto.paths().stream().anyMatch(p -> p.contains("with BF16 weights to BF16")))
            .isEqualTo(pairs);
      }
      assertThat(product(plain, floats, x)).isEqualTo(product(exact, floats, x));
      Weight across = weight(r, DType.BF16, 512, 96).transpose();
      assertThat(product(auto, across, x)).isEqualTo(product(exact, across, x));
      Weight transposed = weight(r, DType.Q8_0, 512, 96).transpose();
      assertThat(product(rounded, transposed, x)).isEqualTo(product(exact, transposed, x));
      assertThat(exact.paths()).contains("inputs of products are not rounded");
      assertThat(rounded.paths()).anyMatch(path -> path.contains("weights to 8 bits"));
    }
  }

  /** Experts round twice: their inputs, and what their second matrix is given. */
  @Test
  void expertsAreTheirOwnProducts() {
    try (CpuBackend team = open(2, true, ActivationPrecision.INT8)) {
      for (long seed = 0; seed < CASES / 5; seed++) {
        SplittableRandom r = new SplittableRandom(seed);
        DType first = any(r, true);
        DType second = any(r, true);
        int experts = 4;
        ExpertWeights weights =
            new ExpertWeights(
                some(r, experts, first, 256, 512),
                some(r, experts, first, 256, 512),
                some(r, experts, second, 512, 256));
        int rows = 1 + r.nextInt(9);
        Extent extent = new Extent(rows);
        extent.set(0, rows);
        CpuRouting routing = new CpuRouting(extent, 1);
        for (int i = 0; i < rows; i++) {
          routing.experts[i] = r.nextInt(experts);
          routing.weights[i] = 1;
        }
        float[] x = random(r, rows * 512);
        Tensor out = tensor(extent, 1, 512, new float[rows * 512]);
        team.ops().experts(out, tensor(extent, 1, 512, x), weights, routing);
        float[] found = values(out, rows);
        for (int i = 0; i < rows; i++) {
          float[] one = Arrays.copyOfRange(x, 512 * i, 512 * (i + 1));
          float[] gate = product(team, weights.gate().get(routing.experts[i]), one);
          float[] up = product(team, weights.up().get(routing.experts[i]), one);
          Lanes.KERNELS.swiglu(gate, 0, up, 0, gate.length);
          assertThat(Arrays.copyOfRange(found, 512 * i, 512 * (i + 1)))
              .as("%s and %s, seed %d, row %d", first, second, seed, i)
              .isEqualTo(product(team, weights.down().get(routing.experts[i]), gate));
        }
      }
    }
  }

  private static List<Weight> some(SplittableRandom r, int n, DType type, int out, int in) {
    return IntStream.range(0, n).mapToObj(_ -> weight(r, type, out, in)).toList();
  }
}
