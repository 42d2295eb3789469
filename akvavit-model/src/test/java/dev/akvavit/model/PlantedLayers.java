package dev.akvavit.model;

import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Catchers.invariance;
import static dev.akvavit.model.Planted.inConfig;
import static dev.akvavit.model.Planted.inOps;
import static dev.akvavit.testkit.ScalarBackend.element;

import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.BatchDependentSum;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.ScalarBackend;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Errors of routers, experts, norms and residuals. */
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
}
