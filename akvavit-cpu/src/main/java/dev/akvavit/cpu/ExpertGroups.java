package dev.akvavit.cpu;

import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.Arrays;

/**
 * A mixture's experts: tokens are grouped by expert, so that an expert's weights are read once a
 * step.
 *
 * <p>A pair is a token at one of its experts; pairs are numbered by expert, then token. First pass:
 * rows of gate and up of one expert, giving a pair's inner activations. Second pass: some rows of
 * every expert's down matrix, summed per token in ascending order of experts, as a token alone
 * would be.
 */
final class ExpertGroups {
  private static final Kernels K = Lanes.KERNELS;
  private static final int GRAIN = 16 * 1024;

  private final Workers workers;
  private final Scratch[] scratch;
  private final Workers.Task pack = this::pack;
  private final Workers.Task rise = this::rise;
  private final Workers.Task fall = this::fall;
  private Tensor out;
  private Tensor x;
  private ExpertWeights weights;
  private CpuRouting routing;
  private float[] vectors = {};
  private float[] inner = {}; // [pairs, width]
  private int[] active = {}; // experts with tokens, ascending
  private int[] firstPair = {}; // [experts + 1]
  private int[] tokenOf = {}; // [pairs]
  private float[] weightOf = {}; // [pairs]
  private int[] pairs = {}; // 0, 1, 2, …
  private int actives;
  private int hiddenWidth;
  private int innerWidth;
  private int block;
  private int blocks;

  ExpertGroups(
      Workers workers, Scratch[] scratch, Tensor none, ExpertWeights nothing, CpuRouting empty) {
    this.workers = workers;
    this.scratch = scratch;
    out = x = none;
    weights = nothing;
    routing = empty;
  }

  void run(Tensor out, Tensor x, ExpertWeights weights, CpuRouting routing) {
    int tokens = x.rows();
    if (tokens == 0) {
      return;
    }
    this.out = out;
    this.x = x;
    this.weights = weights;
    this.routing = routing;
    group(tokens);
    Weight gate = weights.gate().getFirst();
    Weight down = weights.down().getFirst();
    hiddenWidth = K.padded(gate.in());
    innerWidth = K.padded(gate.out());
    vectors = Scratch.atLeast(vectors, tokens * hiddenWidth);
    inner = Scratch.atLeast(inner, tokens * routing.topK * innerWidth);
    pairs = Matmul.ascending(pairs, tokens * routing.topK);
    workers.run(pack, tokens, Math.max(1, GRAIN / hiddenWidth));
    block = Matmul.blockRows(gate, tokens);
    blocks = Math.ceilDiv(gate.out(), block);
    workers.run(rise, actives * blocks, Math.max(1, GRAIN / block / hiddenWidth));
    block = Matmul.blockRows(down, tokens);
    workers.run(
        fall,
        Math.ceilDiv(down.out(), block),
        Math.max(1, GRAIN / block / innerWidth / routing.topK));
  }

  /** Counting sort of pairs by expert; tokens stay in order. */
  private void group(int tokens) {
    int experts = weights.experts();
    int topK = routing.topK;
    firstPair = Scratch.atLeast(firstPair, experts + 1);
    active = Scratch.atLeast(active, experts);
    tokenOf = Scratch.atLeast(tokenOf, tokens * topK);
    weightOf = Scratch.atLeast(weightOf, tokens * topK);
    int at = x.extent().first() * topK;
    Arrays.fill(firstPair, 0, experts + 1, 0);
    for (int i = 0; i < tokens * topK; i++) {
      firstPair[routing.experts[at + i] + 1]++;
    }
    actives = 0;
    for (int e = 0; e < experts; e++) {
      if (firstPair[e + 1] > 0) {
        active[actives++] = e;
      }
      firstPair[e + 1] += firstPair[e];
    }
    for (int i = 0; i < tokens * topK; i++) {
      int pair = firstPair[routing.experts[at + i]]++;
      tokenOf[pair] = i / topK;
      weightOf[pair] = routing.weights[at + i];
    }
    System.arraycopy(
        firstPair, 0, firstPair, 1, experts); // undo the increments: each start had become the next
    firstPair[0] = 0;
  }

  private void pack(int from, int to, int worker) {
    for (int t = from; t < to; t++) {
      Rows.pack(x, t, vectors, t * hiddenWidth, hiddenWidth);
    }
  }

  private void rise(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int stride = K.padded(block);
    for (int item = from; item < to; item++) {
      int e = active[item / blocks];
      Weight gate = weights.gate().get(e);
      int first = firstPair[e];
      int n = firstPair[e + 1] - first;
      int r = item % blocks * block;
      int end = Math.min(gate.out(), r + block);
      s.results = Scratch.atLeast(s.results, n * stride);
      s.more = Scratch.atLeast(s.more, n * stride);
      RowBlock.multiply(
          gate, 0, r, end, vectors, 0, hiddenWidth, tokenOf, first, n, s, s.results, stride);
      RowBlock.multiply(
          weights.up().get(e),
          0,
          r,
          end,
          vectors,
          0,
          hiddenWidth,
          tokenOf,
          first,
          n,
          s,
          s.more,
          stride);
      for (int i = 0; i < n; i++) {
        K.swiglu(s.results, i * stride, s.more, i * stride, K.padded(end - r));
        int to0 = (first + i) * innerWidth;
        System.arraycopy(s.results, i * stride, inner, to0 + r, end - r);
        if (end == gate.out()) {
          Arrays.fill(inner, to0 + end, to0 + innerWidth, 0);
        }
      }
    }
  }

  private void fall(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int tokens = x.rows();
    int stride = K.padded(block);
    s.more = Scratch.atLeast(s.more, tokens * stride);
    for (int item = from; item < to; item++) {
      int r = item * block;
      int end = Math.min(weights.down().getFirst().out(), r + block);
      Arrays.fill(s.more, 0, tokens * stride, 0);
      for (int a = 0; a < actives; a++) {
        int e = active[a];
        int first = firstPair[e];
        int n = firstPair[e + 1] - first;
        s.results = Scratch.atLeast(s.results, n * stride);
        RowBlock.multiply(
            weights.down().get(e),
            0,
            r,
            end,
            inner,
            0,
            innerWidth,
            pairs,
            first,
            n,
            s,
            s.results,
            stride);
        for (int i = 0; i < n; i++) {
          addWeighted(
              s.more,
              tokenOf[first + i] * stride,
              s.results,
              i * stride,
              weightOf[first + i],
              end - r);
        }
      }
      for (int t = 0; t < tokens; t++) {
        Rows.unpack(out, t, r, s.more, t * stride, end - r);
      }
    }
  }

  private static void addWeighted(float[] sum, int at, float[] y, int from, float weight, int n) {
    for (int i = 0; i < n; i++) {
      sum[at + i] += weight * y[from + i];
    }
  }
}
