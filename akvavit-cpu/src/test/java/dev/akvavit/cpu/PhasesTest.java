package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Prompts that are rounded otherwise than generated tokens: a row has the bits it has alone,
 * whatever rows of either kind share its step.
 */
final class PhasesTest {
  private static final int CASES = 120;

  private static CpuBackend open(Rounding prompts, int threads) {
    assumeTrue(prompts != Rounding.DECODED || DecodedRows.isFast(MachineRows.isReady()), "no AMX");
    return new CpuBackend(
        new Backend.Settings(threads, true, ActivationPrecision.AUTO),
        new RoundingRule(ActivationPrecision.AUTO, true, false, Rounding.NARROW, prompts));
  }

  private static Weight weight(SplittableRandom r, DType type, int out, int in) {
    byte[] bytes = QuantDraft.random(r, type, out * in);
    MemorySegment place = Arena.ofAuto().allocate(bytes.length, 64);
    return Weight.dense(
        "w", type, out, in, new CpuBuffer(place.copyFrom(MemorySegment.ofArray(bytes))), null);
  }

  private static DType any(SplittableRandom r) {
    DType[] all = {DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K, DType.MXFP4, DType.Q5_1};
    return all[r.nextInt(all.length)]; // the last is not rounded: one rounding for both kinds
  }

  private static Tensor tensor(Extent rows, int heads, int dim) {
    MemorySegment place = Arena.ofAuto().allocate(4L * rows.capacity() * heads * dim, 64);
    return new Tensor(new CpuBuffer(place), DType.F32, rows, 0, heads * dim, heads, dim, dim);
  }

  /** Rows at work: a product of each kind, several of one input, a mixture. */
  private static final class Layer {
    final Extent extent;
    final Tensor x;
    final Tensor y;
    final Tensor z;
    final Tensor mixed;
    final Weight w;
    final Weight more;
    final ExpertWeights experts;
    final CpuRouting routing;
    final int width;

    Layer(SplittableRandom r, int rows) {
      extent = new Extent(rows);
      int heads = 1 + r.nextInt(2);
      int in = 256 * (1 + r.nextInt(3));
      int out = 1 + r.nextInt(120);
      x = tensor(extent, heads, in);
      y = tensor(extent, heads, out);
      z = tensor(extent, 1, 40);
      mixed = tensor(extent, 1, heads * in);
      width = heads * in;
      w = weight(r, any(r), heads * out, in).split(heads);
      more = weight(r, any(r), 40, width);
      DType rises = any(r);
      DType falls = any(r);
      int n = 2 + r.nextInt(3);
      experts =
          new ExpertWeights(
              some(r, n, rises, 256, width),
              some(r, n, rises, 256, width),
              some(r, n, falls, width, 256));
      routing = new CpuRouting(extent, 2);
      for (int i = 0; i < 2 * rows; i++) {
        routing.experts[i] = i % 2 == 0 ? r.nextInt(n - 1) : routing.experts[i - 1] + 1;
        routing.weights[i] = r.nextFloat();
      }
      for (int i = 0; i < rows * width; i++) {
        CpuBuffer.of(x).setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) r.nextGaussian());
      }
    }

    private static List<Weight> some(SplittableRandom r, int n, DType type, int out, int in) {
      return IntStream.range(0, n).mapToObj(_ -> weight(r, type, out, in)).toList();
    }

    /** All results of rows {@code first .. first + rows}, the first {@code generated} generated. */
    float[][] run(CpuBackend backend, int first, int rows, int generated) {
      extent.set(first, rows, generated);
      backend.ops().matmul(y, x, w);
      Tensor flat = new Tensor(x.buffer(), DType.F32, extent, 0, width, 1, width, width);
      backend.ops().matmul(flat, new Ops.Product(z, more));
      backend.ops().experts(mixed, flat, experts, routing);
      float[][] all = new float[rows][];
      for (int i = 0; i < rows; i++) {
        float[] row = new float[y.heads() * y.dim() + 40 + width];
        int at = 0;
        for (Tensor t : List.of(y, z, mixed)) {
          float[] part = new float[t.heads() * t.dim()];
          backend.read(t, i, part);
          System.arraycopy(part, 0, row, at, part.length);
          at += part.length;
        }
        all[i] = row;
      }
      return all;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "NARROW", "DECODED"})
  void aRowHasItsBitsAmongRowsOfEitherKind(Rounding prompts) {
    try (CpuBackend team = open(prompts, 2);
        CpuBackend alone = open(prompts, 1)) {
      int apart = 0;
      for (long seed = 0; seed < CASES; seed++) {
        SplittableRandom r = new SplittableRandom(seed);
        int rows = 1 + r.nextInt(seed % 5 == 0 ? 70 : 20);
        Layer layer = new Layer(r, rows);
        int generated = r.nextInt(3) == 0 ? 0 : r.nextInt(rows + 1);
        float[][] together = layer.run(team, 0, rows, generated);
        for (int i = 0; i < rows; i += 1 + r.nextInt(4)) {
          float[] one = layer.run(alone, i, 1, i < generated ? 1 : 0)[0];
          assertThat(together[i])
              .as("seed %d, row %d of %d + %d", seed, i, generated, rows)
              .isEqualTo(one);
          apart += Arrays.equals(one, layer.run(alone, i, 1, i < generated ? 0 : 1)[0]) ? 0 : 1;
        }
        int first = r.nextInt(rows);
        int n = 1 + r.nextInt(rows - first);
        float[][] part = layer.run(team, first, n, Math.clamp(generated - first, 0, n));
        assertThat(part)
            .as("seed %d, rows %d to %d of %d + %d", seed, first, first + n, generated, rows)
            .isDeepEqualTo(Arrays.copyOfRange(together, first, first + n));
      }
      assertThat(apart).as("rows that the kinds give other bits").isGreaterThan(CASES);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BYTES", "NARROW"})
  void theRuleIsTold(Rounding prompts) {
    try (CpuBackend backend = open(prompts, 1)) {
      assertThat(backend.roundsPromptsApart(DType.Q4_0)).isEqualTo(prompts != Rounding.BYTES);
      assertThat(backend.roundsPromptsApart(DType.Q5_1)).isFalse(); // not decoded by machine code
      assertThat(backend.roundsPromptsApart(DType.BF16)).isFalse();
      assertThat(String.join(" ", backend.paths()).contains("those of prompts"))
          .isEqualTo(prompts != Rounding.BYTES);
    }
    for (ActivationPrecision asked : List.of(ActivationPrecision.INT8, ActivationPrecision.F32)) {
      RoundingRule rule = new RoundingRule(asked, true, false, Rounding.NARROW, prompts);
      assertThat(rule.roundsPromptsApart(DType.Q4_0)).isFalse();
    }
  }
}
