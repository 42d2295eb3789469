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
  private final Workers.Task round = this::round;
  private final Workers.Task fall = this::fall;
  private final RoundingRule rounding;
  private final InputForms forms = new InputForms(true);
  private final InputForms innerForms = new InputForms(true);
  private final FloatInputs inner = new FloatInputs(); // a row a pair
  private Tensor out;
  private Tensor x;
  private ExpertWeights weights;
  private CpuRouting routing;
  private Inputs vectors;
  private Inputs rounded; // what the second pass multiplies: inner, or made from it
  private int[] active = {}; // experts with tokens, ascending
  private int[] firstPair = {}; // [experts + 1]
  private int[] tokenOf = {}; // [pairs]
  private float[] weightOf = {}; // [pairs]
  private int[] pairs = {}; // 0, 1, 2, …
  private int[] picks = {}; // [pairs] which vector the first pass takes
  private boolean packedPairs; // whether there is a vector for each pair, instead of each token
  private int firstToken; // of those that are rounded alike
  private int tokens;
  private int actives;
  private int block;
  private int blocks;

  ExpertGroups(
      Workers workers,
      Scratch[] scratch,
      RoundingRule rounding,
      Tensor none,
      ExpertWeights nothing,
      CpuRouting empty) {
    this.workers = workers;
    this.scratch = scratch;
    this.rounding = rounding;
    vectors = rounded = inner;
    out = x = none;
    weights = nothing;
    routing = empty;
  }

  void run(Tensor out, Tensor x, ExpertWeights weights, CpuRouting routing) {
    this.out = out;
    this.x = x;
    this.weights = weights;
    this.routing = routing;
    int generated = x.extent().generated();
    if (rises(false) == rises(true) && falls(false) == falls(true)) {
      run(0, x.rows(), false);
    } else {
      run(0, generated, false);
      run(generated, x.rows(), true);
    }
  }

  private Rounding rises(boolean prompt) {
    return rounding.of(weights.gate(), weights.up(), prompt);
  }

  private Rounding falls(boolean prompt) {
    return rounding.of(weights.down(), weights.down(), prompt);
  }

  /** Tokens {@code from .. to}. */
  private void run(int from, int to, boolean prompt) {
    if (from == to) {
      return;
    }
    firstToken = from;
    tokens = to - from;
    int count = tokens * routing.topK;
    pairs = Matmul.ascending(pairs, count);
    group();
    Weight gate = weights.gate().getFirst();
    Weight down = weights.down().getFirst();
    int hiddenWidth = K.padded(gate.in());
    int innerWidth = K.padded(gate.out());
    Rounding first = rises(prompt);
    packedPairs = first == Rounding.DECODED; // rows of tiles want to follow one another
    picks = packedPairs ? pairs : tokenOf;
    vectors = forms.begin(first, packedPairs ? count : to, 1, gate.in());
    workers.run(pack, packedPairs ? count : tokens, Math.max(1, GRAIN / hiddenWidth));
    inner.begin(count, 1, gate.out());
    block = Matmul.blockRows(gate, tokens, first, workers);
    blocks = Math.ceilDiv(gate.out(), block);
    workers.run(rise, actives * blocks, Math.max(1, GRAIN / block / hiddenWidth));
    Rounding second = falls(prompt);
    rounded = inner;
    if (second != Rounding.NONE) {
      rounded = innerForms.begin(second, count, 1, down.in());
      workers.run(round, count, Math.max(1, GRAIN / innerWidth));
    }
    block = Matmul.blockRows(down, tokens, second, workers);
    workers.run(
        fall,
        Math.ceilDiv(down.out(), block),
        Math.max(1, GRAIN / block / innerWidth / routing.topK));
  }

  /** Counting sort of pairs by expert; tokens stay in order. */
  private void group() {
    int experts = weights.experts();
    int topK = routing.topK;
    firstPair = Scratch.atLeast(firstPair, experts + 1);
    active = Scratch.atLeast(active, experts);
    tokenOf = Scratch.atLeast(tokenOf, tokens * topK);
    weightOf = Scratch.atLeast(weightOf, tokens * topK);
    int at = (x.extent().first() + firstToken) * topK;
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
      tokenOf[pair] = firstToken + i / topK;
      weightOf[pair] = routing.weights[at + i];
    }
    System.arraycopy(
        firstPair, 0, firstPair, 1, experts); // undo the increments: each start had become the next
    firstPair[0] = 0;
  }

  private void pack(int from, int to, int worker) {
    if (packedPairs && vectors instanceof RowInputs v) {
      for (int pair = from; pair < to; pair++) {
        v.packAs(pair, x, tokenOf[pair], scratch[worker]);
      }
    } else {
      vectors.pack(x, firstToken + from, firstToken + to, scratch[worker]);
    }
  }

  private void round(int from, int to, int worker) {
    rounded.round(inner, from, to, scratch[worker]);
  }

  private void rise(int from, int to, int worker) {
    Scratch s = scratch[worker];
    for (int item = from, some; item < to; item += some) {
      int a = item / blocks;
      int e = active[a];
      Weight gate = weights.gate().get(e);
      int first = firstPair[e];
      int n = firstPair[e + 1] - first;
      int most = Matmul.blocksAtOnce(gate, n, vectors, s, block);
      int stride = K.padded(most * block);
      some = Math.min(Math.min(most, to - item), (a + 1) * blocks - item);
      int r = item % blocks * block;
      int end = Math.min(gate.out(), r + some * block);
      s.results = Scratch.atLeast(s.results, n * stride);
      s.more = Scratch.atLeast(s.more, n * stride);
      Weight up = weights.up().get(e);
      RowBlock.multiply(gate, 0, r, end, vectors, picks, first, n, s, s.results, stride);
      RowBlock.multiply(up, 0, r, end, vectors, picks, first, n, s, s.more, stride);
      for (int i = 0; i < n; i++) {
        K.swiglu(s.results, i * stride, s.more, i * stride, K.padded(end - r));
        int at = inner.at(first + i, 0);
        System.arraycopy(s.results, i * stride, inner.values, at + r, end - r);
        if (end == gate.out()) {
          Arrays.fill(inner.values, at + end, at + inner.stride(), 0);
        }
      }
    }
  }

  private void fall(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int most = Matmul.blocksAtOnce(weights.down().getFirst(), tokens, rounded, s, block);
    int stride = K.padded(most * block);
    s.more = Scratch.atLeast(s.more, tokens * stride);
    for (int item = from, some; item < to; item += some) {
      some = Math.min(most, to - item);
      int r = item * block;
      int end = Math.min(weights.down().getFirst().out(), r + some * block);
      Arrays.fill(s.more, 0, tokens * stride, 0);
      for (int a = 0; a < actives; a++) {
        int e = active[a];
        int first = firstPair[e];
        int n = firstPair[e + 1] - first;
        s.results = Scratch.atLeast(s.results, n * stride);
        Weight down = weights.down().get(e);
        RowBlock.multiply(down, 0, r, end, rounded, pairs, first, n, s, s.results, stride);
        for (int i = 0; i < n; i++) {
          addWeighted(
              s.more,
              (tokenOf[first + i] - firstToken) * stride,
              s.results,
              i * stride,
              weightOf[first + i],
              end - r);
        }
      }
      for (int t = 0; t < tokens; t++) {
        Rows.unpack(out, firstToken + t, r, s.more, t * stride, end - r);
      }
    }
  }

  private static void addWeighted(float[] sum, int at, float[] y, int from, float weight, int n) {
    for (int i = 0; i < n; i++) {
      sum[at + i] += weight * y[from + i];
    }
  }
}
