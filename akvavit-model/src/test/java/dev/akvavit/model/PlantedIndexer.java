package dev.akvavit.model;

import static dev.akvavit.model.Catchers.factorsInF8;
import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Catchers.indexerInF8;
import static dev.akvavit.model.Catchers.ties;
import static dev.akvavit.model.Planted.inOps;
import static dev.akvavit.testkit.ScalarBackend.element;
import static dev.akvavit.testkit.ScalarBackend.get;
import static dev.akvavit.testkit.ScalarBackend.set;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.ScalarBackend;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Errors of the lightning indexer and of the choice it makes. */
final class PlantedIndexer {
  private PlantedIndexer() {}

  static List<Planted> errors() {
    Planted.Catcher v32 = golden("deepseek-v3.2");
    return List.of(
        inOps(
            "indexer: rotary pairs interleaved",
            v32,
            PlantedRotation.rope((x, r) -> x.dim() > r.dim(), PlantedRotation::otherPairs)),
        inOps(
            "GLM's indexer: rotary pairs by halves",
            golden("glm-moe-dsa"),
            PlantedRotation.rope((x, r) -> x.dim() > r.dim(), PlantedRotation::otherPairs)),
        inOps("indexer: last elements rotated", v32, RopeOnLast::new),
        inOps(
            "indexer: not rotated",
            v32,
            PlantedRotation.rope((x, r) -> x.dim() > r.dim(), (x, r) -> null)),
        inOps("indexer: LayerNorm without its bias", v32, WithoutBias::new),
        inOps("indexer: RMS norm for LayerNorm", v32, RmsForLayer::new),
        inOps("indexer: reads the query latent before its norm", v32, UnnormedQuery::new),
        inOps("indexer: ReLU missing", v32, scores(0, v -> v, true)),
        inOps("indexer: head weights missing", v32, scores(0, v -> Math.max(0, v), false)),
        inOps("indexer: keys not cached", v32, KeysNotCached::new),
        inOps(
            "top k: one short",
            v32,
            choice((p, limit) -> Arrays.copyOf(p, Math.max(1, p.length - 1)))),
        inOps(
            "top k: the first positions",
            v32,
            choice((p, limit) -> IntStream.range(0, p.length).toArray())),
        inOps("top k: the latest positions", v32, RecentOnly::new),
        inOps("top k: smallest scores", v32, scores(0, v -> -Math.max(0, v), true)),
        inOps("top k: includes the future", v32, scores(1, v -> Math.max(0, v), true)),
        inOps("top k: ties go to the higher position", ties(), HigherTies::new),
        inOps("FP8 indexer: Hadamard on one side", indexerInF8(), HadamardOnQueries::new),
        inOps("FP8 indexer: key factors dropped", factorsInF8(), NoFactors::new),
        inOps(
            "FP8 indexer: query rounded without its factor", indexerInF8(), RoundedToIntegers::new),
        inOps(
            "shared selection taken from the first layer",
            golden("glm-moe-dsa"),
            FirstSelection::new));
  }

  private interface Choice {
    int[] of(int[] positions, int limit);
  }

  private static UnaryOperator<Ops> choice(Choice change) {
    return ops ->
        new OpsWrapper(ops) {
          @Override
          public void select(
              Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
            super.select(out, q, w, keys, scales, b);
            for (int t = 0; t < b.tokens(); t++) {
              ScalarBackend.choose(out, t, change.of(out.positions(t), out.limit()));
            }
          }
        };
  }

  /** The indexer's formula with one term changed. */
  private static UnaryOperator<Ops> scores(int future, DoubleUnaryOperator relu, boolean weighted) {
    return ops ->
        new OpsWrapper(ops) {
          @Override
          public void select(
              Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
            for (int t = 0; t < b.tokens(); t++) {
              int s = b.sequenceOf[t];
              int n = Math.min(b.positions[t] + 1 + future, b.contextLength[s]);
              double[] score = new double[n];
              for (int p = 0; p < n; p++) {
                for (int h = 0; h < q.heads(); h++) {
                  double dot = 0;
                  for (int d = 0; d < q.dim(); d++) {
                    dot += get(q, q.at(t, h) + d) * get(keys, keys.at(b.slot(s, p), 0) + d);
                  }
                  score[p] += (weighted ? get(w, w.at(t, 0) + h) : 1) * relu.applyAsDouble(dot);
                }
              }
              ScalarBackend.choose(
                  out,
                  t,
                  IntStream.range(0, n)
                      .boxed()
                      .sorted(
                          Comparator.<Integer>comparingDouble(p -> -score[p]).thenComparing(p -> p))
                      .limit(out.limit())
                      .mapToInt(p -> p)
                      .sorted()
                      .toArray());
            }
          }
        };
  }

  private static final class RopeOnLast extends OpsWrapper {
    RopeOnLast(Ops ops) {
      super(ops);
    }

    @Override
    public void rope(Tensor x, Rope rope, Batch b) {
      super.rope(x.dim() > rope.dim() ? x.slice(x.dim() - rope.dim(), rope.dim()) : x, rope, b);
    }
  }

  private static final class WithoutBias extends OpsWrapper {
    WithoutBias(Ops ops) {
      super(ops);
    }

    @Override
    public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
      super.layerNorm(out, x, gain, bias, eps);
      for (int r = 0; r < out.rows(); r++) {
        for (int d = 0; d < out.dim(); d++) {
          long i = out.at(r, 0) + d;
          set(out, i, get(out, i) - element(bias, 0, 0, d));
        }
      }
    }
  }

  private static final class RmsForLayer extends OpsWrapper {
    RmsForLayer(Ops ops) {
      super(ops);
    }

    @Override
    public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
      super.rmsNorm(out, x, gain, eps);
    }
  }

  /** W_IQ is applied before the norm; the later, right call is ignored. */
  private static final class UnnormedQuery extends OpsWrapper {
    private float[] latent = new float[0];

    UnnormedQuery(Ops ops) {
      super(ops);
    }

    @Override
    public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
      if (gain.name().contains("q_a_layernorm")) {
        latent = values(x);
      }
      super.rmsNorm(out, x, gain, eps);
    }

    @Override
    public void matmul(Tensor out, Tensor x, Weight w) {
      if (!w.name().contains("indexer.wq_b")) {
        super.matmul(out, x, w);
        return;
      }
      float[] normed = values(x);
      fill(x, latent);
      super.matmul(out, x, w);
      fill(x, normed);
    }

    private static float[] values(Tensor x) {
      float[] values = new float[x.rows() * x.dim()];
      for (int i = 0; i < values.length; i++) {
        values[i] = get(x, x.at(i / x.dim(), 0) + i % x.dim());
      }
      return values;
    }

    private static void fill(Tensor x, float[] values) {
      for (int i = 0; i < values.length; i++) {
        set(x, x.at(i / x.dim(), 0) + i % x.dim(), values[i]);
      }
    }
  }

  /** Short contexts need no scores, but later ones need their keys. */
  private static final class KeysNotCached extends OpsWrapper {
    private int stores;

    KeysNotCached(Ops ops) {
      super(ops);
    }

    @Override
    public void store(Tensor cache, Tensor rows, Batch b) {
      if (stores++ % 2 == 0) {
        super.store(cache, rows, b);
      }
    }
  }

  private static final class RecentOnly extends OpsWrapper {
    RecentOnly(Ops ops) {
      super(ops);
    }

    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      for (int t = 0; t < b.tokens(); t++) {
        int last = b.positions[t];
        ScalarBackend.choose(
            out, t, IntStream.rangeClosed(Math.max(0, last - out.limit() + 1), last).toArray());
      }
    }
  }

  private static final class HigherTies extends OpsWrapper {
    HigherTies(Ops ops) {
      super(ops);
    }

    /** With equal scores, the highest positions are the latest. */
    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      new RecentOnly(ops).select(out, q, w, keys, scales, b);
    }
  }

  private static final class HadamardOnQueries extends OpsWrapper {
    HadamardOnQueries(Ops ops) {
      super(ops);
    }

    @Override
    public void hadamard(Tensor x) {
      if (x.heads() > 1) {
        super.hadamard(x);
      }
    }
  }

  private static final class NoFactors extends OpsWrapper {
    NoFactors(Ops ops) {
      super(ops);
    }

    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      super.select(out, q, w, keys, null, b);
    }
  }

  private static final class RoundedToIntegers extends OpsWrapper {
    RoundedToIntegers(Ops ops) {
      super(ops);
    }

    @Override
    public void roundToF8(Tensor x) {
      for (int r = 0; r < x.rows(); r++) {
        for (int h = 0; h < x.heads(); h++) {
          for (int d = 0; d < x.dim(); d++) {
            long i = x.at(r, h) + d;
            set(x, i, (float) Math.rint(get(x, i)));
          }
        }
      }
    }
  }

  /** Layers without an indexer read what layer 0 chose, not what the layer before them chose. */
  private static final class FirstSelection extends OpsWrapper {
    private int[][] first = new int[0][];
    private int selects;
    private boolean fresh;

    FirstSelection(Ops ops) {
      super(ops);
    }

    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      super.select(out, q, w, keys, scales, b);
      fresh = true;
      if (selects++ == 0) {
        first = IntStream.range(0, b.tokens()).mapToObj(out::positions).toArray(int[][]::new);
      }
    }

    @Override
    public void attend(
        Tensor out, Tensor q, Tensor keys, Tensor values, Batch b, float scale, Selection only) {
      if (!fresh) {
        for (int t = 0; t < b.tokens(); t++) {
          ScalarBackend.choose(only, t, first[t]);
        }
      }
      fresh = false;
      super.attend(out, q, keys, values, b, scale, only);
    }
  }
}
