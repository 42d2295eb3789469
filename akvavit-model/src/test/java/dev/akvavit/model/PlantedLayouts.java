package dev.akvavit.model;

import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Planted.inConfig;
import static dev.akvavit.model.Planted.inOps;
import static dev.akvavit.testkit.ScalarBackend.element;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.ScalarBackend;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Errors of families and of how their files lay matrices out: Falcon, GPT-2, FP8 blocks, heads. */
final class PlantedLayouts {
  private PlantedLayouts() {}

  static List<Planted> errors() {
    return List.of(
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
            q -> new Factors(q, PlantedLayouts::transposed)),
        inOps(
            "FP8: block factors dropped",
            golden("deepseek-v3-fp8"),
            q -> new Factors(q, s -> null)),
        inOps(
            "FP8: factors divide, as their name says",
            golden("deepseek-v3-fp8"),
            q -> new Factors(q, PlantedLayouts::inverse)),
        inConfig("untied head replaced by the embedding", golden("llama-mha"), c -> tied(c, true)),
        inConfig("tied head ignored", golden("falcon-mqa"), c -> tied(c, false)),
        inOps("logits of the token before", golden("llama-mha"), LastOffByOne::new));
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
