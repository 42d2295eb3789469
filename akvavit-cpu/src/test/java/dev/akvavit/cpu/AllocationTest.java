package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.Activation;
import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Workspace;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing is allocated in a step, by the caller or by the team. Before C2 has compiled a vector
 * loop its vectors are objects, so the test runs windows of steps until one allocates nothing, and
 * fails when none does.
 */
@EnabledIf(value = "vectors", disabledReason = "the scalar loops are compiled in no special order")
final class AllocationTest {
  private static final int STEPS = 200;
  private static final int WINDOWS = 150;
  private static final int HEADS = 8;
  private static final int DIM = 32;
  private static final int HIDDEN = HEADS * DIM;

  static boolean vectors() {
    return Lanes.present();
  }

  /** A small model's every operation, prefill and decode in one batch. */
  private static final class Step {
    final CpuBackend backend;
    final Batch batch = new Batch(64, 4, 64, 16);
    final Workspace space;
    final Tensor x;
    final Tensor y;
    final Tensor newKeys;
    final Tensor newValues;
    final Tensor newCodes;
    final Tensor wide;
    final Tensor logits;
    final Tensor scores;
    final Tensor keys;
    final Tensor values;
    final Tensor codes;
    final Tensor factors;
    final Tensor latents;
    final Tensor headWeights;
    final Weight dense;
    final Weight bytes;
    final Weight nibbles;
    final Weight upKeys;
    final Weight upValues;
    final Weight table;
    final Weight gain;
    final ExpertWeights experts;
    final Routing routing;
    final Selection selection;
    final Rope rope = new Rope(RopeStyle.HALVES, new float[] {1, 0.1f, 0.01f, 0.001f}, 1);
    final RouterConfig rule =
        new RouterConfig(
            8, 2, RouterConfig.Scoring.SIGMOID, 2, 1, RouterConfig.GroupScore.TOP_TWO, true, 1);

    Step(CpuBackend backend) {
      this.backend = backend;
      space = new Workspace(backend, 64, 8);
      x = space.tensor("x", HEADS, DIM);
      y = space.tensor("y", HEADS, DIM);
      newKeys = y.heads(0, 1);
      newValues = y.heads(2, 1);
      newCodes = y.heads(0, 1);
      wide = space.tensor("wide", 1, HIDDEN);
      scores = space.tensor("scores", 1, 8);
      headWeights = space.tensor("head weights", 1, HEADS);
      logits = space.perLogit("logits", HIDDEN);
      KvLayout layout =
          KvLayout.of(
              new KvLayout.Plane("keys", 1, DIM, DType.BF16),
              new KvLayout.Plane("values", 1, DIM, DType.BF16),
              new KvLayout.Plane("codes", 1, DIM, DType.F8_E4M3),
              new KvLayout.Plane("factors", 1, 1, DType.F32),
              new KvLayout.Plane("latents", 1, DIM + DIM / 2, DType.BF16));
      KvCache cache = new KvCache(backend, List.of(layout), 64, 16);
      keys = cache.plane(0, 0);
      values = cache.plane(0, 1);
      codes = cache.plane(0, 2);
      factors = cache.plane(0, 3);
      latents = cache.plane(0, 4);
      dense = weight(DType.BF16, HIDDEN, HIDDEN);
      bytes = weight(DType.Q8_0, HIDDEN, HIDDEN);
      nibbles = weight(DType.Q5_1, HIDDEN, HIDDEN);
      upKeys = weight(DType.BF16, HIDDEN / 2, DIM).split(HEADS);
      upValues = weight(DType.F8_E4M3, HIDDEN, DIM).split(HEADS);
      table = weight(DType.F32, 512, HIDDEN);
      gain = Weight.vector("gain", DIM, backend.allocate(4 * DIM));
      experts =
          new ExpertWeights(
              Collections.nCopies(8, weight(DType.F8_E4M3, 64, HIDDEN)),
              Collections.nCopies(8, weight(DType.BF16, 64, HIDDEN)),
              Collections.nCopies(8, weight(DType.F16, HIDDEN, 64)));
      routing = backend.routing(space.tokens, 8, 2);
      selection = backend.selection(space.tokens, 24);
    }

    private Weight weight(DType type, int out, int in) {
      return Weight.dense(
          type.name(), type, out, in, backend.allocate(type.bytes((long) out * in)), null);
    }

    void run(int round) {
      batch.clear();
      int cached = 100 + round % 50;
      batch.add(IDS, cached, 1, cached, PAGES[0], false, Batch.Logits.LAST);
      batch.add(IDS, 20, 1 + round % 9, 20, PAGES[1], true, Batch.Logits.LAST);
      space.begin(batch);
      Ops ops = backend.ops();
      ops.embed(wide, table, batch);
      ops.addPositions(wide, table, batch);
      ops.matmul(x, wide, bytes);
      ops.matmul(x, wide, nibbles);
      ops.matmul(x, wide, dense);
      ops.rmsNorm(y, x, gain, 1e-5f);
      ops.layerNorm(y, y, gain, gain, 1e-5f);
      ops.rope(y, rope, batch);
      ops.hadamard(y);
      ops.roundToF8(y);
      ops.store(keys, newKeys, batch);
      ops.store(values, newValues, batch);
      ops.storeF8(codes, factors, newCodes, batch);
      ops.attend(x, y, keys, values, batch, 0.1f, 0);
      ops.attend(x, y, keys, values, batch, 0.1f, 7);
      ops.attendExpanded(x, y, latents, upKeys, upValues, batch, 0.1f);
      ops.select(selection, y, headWeights, codes, factors, batch);
      ops.attend(x, y, keys, values, batch, 0.1f, selection);
      ops.route(routing, scores, null, rule);
      ops.experts(wide, wide, experts, routing);
      ops.swiglu(x, x, y);
      ops.activate(x, Activation.GELU_TANH);
      ops.add(x, y);
      ops.copy(y, x);
      ops.last(logits, wide, batch);
    }
  }

  private static final int[] IDS = new int[400];
  private static final int[][] PAGES = new int[2][32];

  static {
    for (int p = 0; p < 32; p++) {
      PAGES[0][p] = p;
      PAGES[1][p] = 32 + p;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "BF16"})
  void stepsAllocateNothing(ActivationPrecision activations) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CpuBackend backend = new CpuBackend(new Backend.Settings(2, true, activations))) {
      Step step = new Step(backend);
      long worker = teamThread();
      long least = Long.MAX_VALUE;
      for (int window = 0; window < WINDOWS && least > 0; window++) {
        long team = threads.getThreadAllocatedBytes(worker);
        long caller = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < STEPS; i++) {
          step.run(i);
        }
        caller = threads.getCurrentThreadAllocatedBytes() - caller;
        team = threads.getThreadAllocatedBytes(worker) - team;
        least = Math.min(least, caller + team);
      }
      assertThat(least)
          .as("bytes allocated in the best of %d windows of %d steps", WINDOWS, STEPS)
          .isZero();
    }
  }

  private static long teamThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("akvavit-cpu-"))
        .mapToLong(Thread::threadId)
        .max()
        .orElseThrow();
  }
}
