package dev.akvavit.model;

import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Catchers.invariance;
import static dev.akvavit.model.Planted.inConfig;
import static dev.akvavit.model.Planted.inOps;
import static dev.akvavit.testkit.ScalarBackend.element;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.BatchDependentSum;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.ScalarBackend;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Errors of everything but attention: routers, experts, norms, residuals, stored layouts. */
final class PlantedLayers {
  private PlantedLayers() {}

  static List<Planted> errors() {
    return List.of(
        inOps("router: bias in the weights", golden("deepseek-v3"), BiasInWeights::new),
        inOps("router: bias ignored", golden("deepseek-v3"), NoSelectionBias::new),
        inConfig(
            "router: no group limit",
            golden("deepseek-v3"),
            Planted.router(
                r -> router(r, r.scoring(), 1, 1, r.groupScore(), r.normalise(), r.scale()))),
        inConfig(
            "router: group worth its best, not its two best",
            golden("deepseek-v3"),
            Planted.router(r ->
                router(
                    r,
                    r.scoring(),
                    r.groups(),
                    r.keptGroups(),
                    RouterConfig.GroupScore.MAX,
                    r.normalise(),
                    r.scale()))),
        inConfig(
            "router: group worth its two best, not its best",
            golden("deepseek-v2"),
            Planted.router(r ->
                router(
                    r,
                    r.scoring(),
                    r.groups(),
                    r.keptGroups(),
                    RouterConfig.GroupScore.TOP_TWO,
                    r.normalise(),
                    r.scale()))),
        inConfig(
            "router: normalisation missing",
            golden("deepseek-v3"),
            Planted.router(r ->
                router(
                    r, r.scoring(), r.groups(), r.keptGroups(), r.groupScore(), false, r.scale()))),
        inConfig(
            "router: scaling missing",
            golden("deepseek-v3"),
            Planted.router(r ->
                router(
                    r, r.scoring(), r.groups(), r.keptGroups(), r.groupScore(), r.normalise(), 1))),
        inConfig(
            "router: softmax over the chosen",
            golden("deepseek-v2-lite"),
            Planted.router(r ->
                router(
                    r, r.scoring(), r.groups(), r.keptGroups(), r.groupScore(), true, r.scale()))),
        inConfig(
            "router: softmax for sigmoid",
            golden("deepseek-v3"),
            Planted.router(r ->
                router(
                    r,
                    RouterConfig.Scoring.SOFTMAX,
                    r.groups(),
                    r.keptGroups(),
                    r.groupScore(),
                    r.normalise(),
                    r.scale()))),
        inOps("shared expert missing", golden("deepseek-v2-lite"), NoSharedExpert::new),
        inOps(
            "experts in another order",
            golden("qwen3-moe"),
            q ->
                new Experts(
                    q,
                    w ->
                        new ExpertWeights(
                            w.gate().reversed(), w.up().reversed(), w.down().reversed()))),
        inOps(
            "experts: gate and up exchanged",
            golden("qwen3-moe"),
            q -> new Experts(q, w -> new ExpertWeights(w.up(), w.gate(), w.down()))),
        inOps("gate and up exchanged", golden("llama-mha"), GateAndUpExchanged::new),
        inOps("residual missing", golden("llama-mha"), ResidualMissing::new),
        inOps("RMS norm: eps 1e-5 for 1e-6", golden("llama-mha"), q -> new RmsNorm(q, 10)),
        inOps("RMS norm: eps forgotten", golden("llama-mha"), q -> new RmsNorm(q, 0)),
        inOps("LayerNorm: RMS in its place", golden("starcoder-mqa"), RmsForLayer::new),
        inOps(
            "Falcon: rows of the new decoder read as of the old",
            golden("falcon-gqa"),
            FalconRows::new),
        inConfig(
            "Falcon: feed-forward after attention, not beside it",
            golden("falcon-mqa"),
            Planted.layers(l ->
                new LayerConfig(l.attention(), l.feedForward(), LayerConfig.Residual.SEQUENTIAL))),
        inConfig(
            "Falcon: one norm for two",
            golden("falcon-gqa"),
            Planted.layers(l ->
                new LayerConfig(
                    l.attention(), l.feedForward(), LayerConfig.Residual.PARALLEL_ONE_NORM))),
        inOps(
            "Falcon: GELU's tanh approximation",
            golden("falcon-mqa"),
            q -> new Activate(q, Activation.GELU_TANH)),
        inOps("GPT-2: exact GELU", golden("gpt2-mha"), q -> new Activate(q, Activation.GELU)),
        inOps("GPT-2: matrix not transposed", golden("gpt2-mha"), NotTransposed::new),
        inOps("GPT-2: position table off by one", golden("gpt2-mha"), PositionsOffByOne::new),
        inOps("GPT-2: positions forgotten", golden("gpt2-mha"), NoPositions::new),
        inOps(
            "FP8: block factors transposed",
            golden("deepseek-v3-fp8"),
            q -> new Factors(q, PlantedLayers::transposed)),
        inOps(
            "FP8: block factors dropped",
            golden("deepseek-v3-fp8"),
            q -> new Factors(q, s -> null)),
        inOps(
            "FP8: factors divide, as their name says",
            golden("deepseek-v3-fp8"),
            q -> new Factors(q, PlantedLayers::inverse)),
        inConfig("untied head replaced by the embedding", golden("llama-mha"), c -> tied(c, true)),
        inConfig("tied head ignored", golden("falcon-mqa"), c -> tied(c, false)),
        inOps("logits of the token before", golden("llama-mha"), LastOffByOne::new),
        inOps("a sum split by the size of the batch", invariance("MQA"), BatchDependentSum::new));
  }

  private static RouterConfig router(
      RouterConfig r,
      RouterConfig.Scoring scoring,
      int groups,
      int kept,
      RouterConfig.GroupScore score,
      boolean normalise,
      float scale) {
    return new RouterConfig(r.experts(), r.topK(), scoring, groups, kept, score, normalise, scale);
  }

  private static ModelConfig tied(ModelConfig c, boolean tied) {
    return new ModelConfig(
        c.modelType(),
        c.vocabulary(),
        c.hidden(),
        c.maxPositions(),
        c.norm(),
        c.learnedPositions(),
        tied,
        c.layers());
  }

  private static final class BiasInWeights extends OpsWrapper {
    BiasInWeights(Ops ops) {
      super(ops);
    }

    @Override
    public void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
      super.route(out, logits, bias, rule);
      for (int t = 0; t < logits.rows(); t++) {
        int[] experts = out.experts(t);
        float[] weights = out.weights(t);
        for (int i = 0; i < experts.length && bias != null; i++) {
          weights[i] += element(bias, 0, 0, experts[i]);
        }
        ScalarBackend.weigh(out, t, weights);
      }
    }
  }

  private static final class NoSelectionBias extends OpsWrapper {
    NoSelectionBias(Ops ops) {
      super(ops);
    }

    @Override
    public void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
      super.route(out, logits, null, rule);
    }
  }

  private static final class NoSharedExpert extends OpsWrapper {
    NoSharedExpert(Ops ops) {
      super(ops);
    }

    @Override
    public void matmul(Tensor out, Tensor x, Weight w) {
      if (!w.name().contains("shared_experts.down_proj")) {
        super.matmul(out, x, w);
      }
    }
  }

  private static final class Experts extends OpsWrapper {
    private final UnaryOperator<ExpertWeights> change;

    Experts(Ops ops, UnaryOperator<ExpertWeights> change) {
      super(ops);
      this.change = change;
    }

    @Override
    public void experts(Tensor out, Tensor x, ExpertWeights weights, Routing routing) {
      super.experts(out, x, change.apply(weights), routing);
    }
  }

  private static final class GateAndUpExchanged extends OpsWrapper {
    GateAndUpExchanged(Ops ops) {
      super(ops);
    }

    @Override
    public void swiglu(Tensor out, Tensor gate, Tensor up) {
      super.swiglu(out, up, gate);
    }
  }

  private static final class ResidualMissing extends OpsWrapper {
    private int adds;

    ResidualMissing(Ops ops) {
      super(ops);
    }

    @Override
    public void add(Tensor x, Tensor y) {
      if (adds++ == 0) {
        super.copy(x, y);
      } else {
        super.add(x, y);
      }
    }
  }

  private static final class RmsNorm extends OpsWrapper {
    private final float times;

    RmsNorm(Ops ops, float times) {
      super(ops);
      this.times = times;
    }

    @Override
    public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
      super.rmsNorm(out, x, gain, eps * times);
    }
  }

  private static final class RmsForLayer extends OpsWrapper {
    RmsForLayer(Ops ops) {
      super(ops);
    }

    @Override
    public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
      super.rmsNorm(out, x, gain, eps);
      super.addBias(out, bias);
    }
  }

  /** All queries, then all keys, then all values, as Falcon-7B stores them. */
  private static final class FalconRows extends OpsWrapper {
    private long next;

    FalconRows(Ops ops) {
      super(ops);
    }

    @Override
    public void matmul(Tensor out, Tensor x, Weight w) {
      if (!w.name().contains("query_key_value")) {
        super.matmul(out, x, w);
        return;
      }
      long first = w.firstRow() == 0 ? 0 : next;
      next = first + w.out();
      super.matmul(
          out,
          x,
          new Weight(
              w.name(),
              w.dtype(),
              1,
              w.out(),
              w.in(),
              false,
              w.columns(),
              first,
              w.out(),
              w.out(),
              w.data(),
              w.scale()));
    }
  }

  private static final class Activate extends OpsWrapper {
    private final Activation other;

    Activate(Ops ops, Activation other) {
      super(ops);
      this.other = other;
    }

    @Override
    public void activate(Tensor x, Activation f) {
      super.activate(x, other);
    }
  }

  private static final class NotTransposed extends OpsWrapper {
    NotTransposed(Ops ops) {
      super(ops);
    }

    @Override
    public void matmul(Tensor out, Tensor x, Weight w) {
      super.matmul(out, x, w.name().contains("attn.c_proj") ? w.transpose() : w);
    }
  }

  private static final class PositionsOffByOne extends OpsWrapper {
    PositionsOffByOne(Ops ops) {
      super(ops);
    }

    @Override
    public void addPositions(Tensor x, Weight table, Batch b) {
      Planted.withPositions(b, p -> p + 1, () -> super.addPositions(x, table, b));
    }
  }

  private static final class NoPositions extends OpsWrapper {
    NoPositions(Ops ops) {
      super(ops);
    }

    @Override
    public void addPositions(Tensor x, Weight table, Batch b) {}
  }

  private interface FactorChange {
    @Nullable BlockScale of(BlockScale scale);
  }

  private static final class Factors extends OpsWrapper {
    private final FactorChange change;

    Factors(Ops ops, FactorChange change) {
      super(ops);
      this.change = change;
    }

    @Override
    public void matmul(Tensor out, Tensor x, Weight w) {
      super.matmul(
          out,
          x,
          w.scale() == null
              ? w
              : new Weight(
                  w.name(),
                  w.dtype(),
                  w.heads(),
                  w.out(),
                  w.in(),
                  w.transposed(),
                  w.columns(),
                  w.firstRow(),
                  w.run(),
                  w.stride(),
                  w.data(),
                  change.of(w.scale())));
    }
  }

  private static float[] factors(BlockScale s) {
    int n = Math.toIntExact(s.data().byteSize() / 4);
    Weight all = Weight.vector("factors", n, s.data());
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = element(all, 0, 0, i);
    }
    return values;
  }

  private static BlockScale scale(BlockScale s, float[] values) {
    return new BlockScale(
        new ScalarBackend().place(MemorySegment.ofArray(values)),
        s.blockRows(),
        s.blockColumns(),
        s.gridColumns());
  }

  private static BlockScale transposed(BlockScale s) {
    float[] old = factors(s);
    int rows = old.length / s.gridColumns();
    float[] values = new float[old.length];
    for (int i = 0; i < old.length; i++) {
      values[i] = old[i % s.gridColumns() * rows + i / s.gridColumns()];
    }
    return scale(s, values);
  }

  private static BlockScale inverse(BlockScale s) {
    float[] values = factors(s);
    for (int i = 0; i < values.length; i++) {
      values[i] = 1 / values[i];
    }
    return scale(s, values);
  }

  private static final class LastOffByOne extends OpsWrapper {
    LastOffByOne(Ops ops) {
      super(ops);
    }

    @Override
    public void last(Tensor out, Tensor x, Batch b) {
      int[] saved = b.logitToken.clone();
      for (int i = 0; i < b.logits(); i++) {
        b.logitToken[i] = Math.max(0, saved[i] - 1);
      }
      super.last(out, x, b);
      System.arraycopy(saved, 0, b.logitToken, 0, saved.length);
    }
  }
}
