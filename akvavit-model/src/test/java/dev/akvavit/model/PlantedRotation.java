package dev.akvavit.model;

import static dev.akvavit.model.Catchers.golden;
import static dev.akvavit.model.Catchers.groupedQueryTwin;
import static dev.akvavit.model.Planted.inConfig;
import static dev.akvavit.model.Planted.inOps;

import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.Tensor;
import dev.akvavit.testkit.OpsWrapper;
import java.util.List;
import java.util.function.UnaryOperator;

/** Errors of rotary positions and of the scales that go with them. */
final class PlantedRotation {
  private PlantedRotation() {}

  static List<Planted> errors() {
    return List.of(
        inOps(
            "GQA: scale off by a thousandth",
            groupedQueryTwin(),
            ops -> new TwinTest.Scaled(ops, 1.001f)),
        inOps(
            "rotary frequencies rounded to bf16",
            groupedQueryTwin(),
            rope((x, r) -> true, PlantedRotation::narrowFrequencies)),
        inOps(
            "GQA: rotary pairs interleaved",
            golden("llama-gqa"),
            rope((x, r) -> true, PlantedRotation::otherPairs)),
        inOps(
            "MLA: rotary pairs by halves",
            golden("deepseek-v3"),
            rope((x, r) -> true, PlantedRotation::otherPairs)),
        inOps("MLA: first elements of the query rotated", golden("deepseek-v3"), RopeOnFirst::new),
        inOps(
            "MLA: key cached before its rotation",
            golden("deepseek-v3"),
            rope((x, r) -> x.heads() == 1, (x, r) -> null)),
        inOps("query rotated by one position too many", golden("llama-gqa"), QueryOneAhead::new),
        inOps(
            "YaRN: magnitude on cosine and sine",
            golden("deepseek-v3"),
            rope((x, r) -> true, (x, r) -> new Rope(r.style(), r.inverseFrequency(), 1.2f))),
        inOps(
            "YaRN: ramp inverted",
            golden("deepseek-v3"),
            rope((x, r) -> true, PlantedRotation::invertedRamp)),
        inConfig(
            "YaRN: m² missing in the scale",
            golden("deepseek-v3"),
            latent(c -> scale(c, (float) Math.pow(c.nopeDim() + c.ropeDim(), -0.5)))),
        inConfig(
            "YaRN ignored",
            golden("deepseek-v3"),
            latent(c -> rope(c, new RopeConfig.Plain(c.rope().theta())))),
        inConfig(
            "llama3: factor ignored",
            golden("llama-gqa"),
            grouped(c -> rope(c, new RopeConfig.Plain(c.rope().theta())))),
        inConfig(
            "partial rotary: half of each head",
            golden("llama-mha"),
            grouped(c -> ropeDim(c, c.headDim() / 2))),
        inConfig(
            "MLA: scale of the value's size",
            golden("deepseek-v2"),
            latent(c -> scale(c, (float) Math.pow(c.valueDim(), -0.5)))));
  }

  interface RopeTest {
    boolean test(Tensor x, Rope rope);
  }

  interface RopeChange {
    Rope of(Tensor x, Rope rope);
  }

  /** Changes some rotations; a null rope leaves them out. */
  static UnaryOperator<Ops> rope(RopeTest which, RopeChange change) {
    return ops ->
        new OpsWrapper(ops) {
          @Override
          public void rope(Tensor x, Rope rope, Batch b) {
            Rope planted = which.test(x, rope) ? change.of(x, rope) : rope;
            if (planted != null) {
              super.rope(x, planted, b);
            }
          }
        };
  }

  static Rope otherPairs(Tensor x, Rope r) {
    RopeStyle other = r.style() == RopeStyle.HALVES ? RopeStyle.INTERLEAVED : RopeStyle.HALVES;
    return new Rope(other, r.inverseFrequency(), r.magnitude());
  }

  private static Rope narrowFrequencies(Tensor x, Rope r) {
    float[] f = r.inverseFrequency().clone();
    for (int i = 0; i < f.length; i++) {
      f[i] = NumberFormats.bf16ToFloat(NumberFormats.floatToBf16(f[i]));
    }
    return new Rope(r.style(), f, r.magnitude());
  }

  /**
   * Ramp r becomes 1 - r: the scaled frequency mirrored between the plain and the divided one
   * (theta 1e4, factor 8).
   */
  private static Rope invertedRamp(Tensor x, Rope r) {
    float[] f = r.inverseFrequency().clone();
    for (int i = 0; i < f.length; i++) {
      double plain = Math.pow(1e4, -(double) i / f.length);
      f[i] = (float) (plain + plain / 8 - f[i]);
    }
    return new Rope(r.style(), f, r.magnitude());
  }

  private static UnaryOperator<ModelConfig> latent(UnaryOperator<Latent> change) {
    return Planted.attention(a -> a instanceof Latent c ? change.apply(c) : a);
  }

  private static UnaryOperator<ModelConfig> grouped(UnaryOperator<GroupedQuery> change) {
    return Planted.attention(a -> change.apply((GroupedQuery) a));
  }

  private static Latent scale(Latent c, float scale) {
    return new Latent(
        c.heads(),
        c.queryRank(),
        c.kvRank(),
        c.nopeDim(),
        c.ropeDim(),
        c.valueDim(),
        c.rope(),
        c.ropeStyle(),
        scale,
        c.latentNormEps(),
        c.temperature());
  }

  private static Latent rope(Latent c, RopeConfig rope) {
    return new Latent(
        c.heads(),
        c.queryRank(),
        c.kvRank(),
        c.nopeDim(),
        c.ropeDim(),
        c.valueDim(),
        rope,
        c.ropeStyle(),
        c.scale(),
        c.latentNormEps(),
        c.temperature());
  }

  private static GroupedQuery rope(GroupedQuery c, RopeConfig rope) {
    return new GroupedQuery(
        c.heads(),
        c.kvHeads(),
        c.headDim(),
        rope,
        c.ropeStyle(),
        c.ropeDim(),
        c.queryKeyNormEps(),
        c.window(),
        c.bias(),
        c.outputBias());
  }

  private static GroupedQuery ropeDim(GroupedQuery c, int dim) {
    return new GroupedQuery(
        c.heads(),
        c.kvHeads(),
        c.headDim(),
        c.rope(),
        c.ropeStyle(),
        dim,
        c.queryKeyNormEps(),
        c.window(),
        c.bias(),
        c.outputBias());
  }

  /** The rotated part is the end of each head; here the elements before it turn, as many. */
  private static final class RopeOnFirst extends OpsWrapper {
    RopeOnFirst(Ops ops) {
      super(ops);
    }

    @Override
    public void rope(Tensor x, Rope rope, Batch b) {
      super.rope(x.heads() > 1 ? PlantedAttention.moved(x, x.dim() - x.headStride()) : x, rope, b);
    }
  }

  /** Both one ahead would cancel; one alone does not. The query is the one rotated first. */
  private static final class QueryOneAhead extends OpsWrapper {
    private boolean key;

    QueryOneAhead(Ops ops) {
      super(ops);
    }

    @Override
    public void rope(Tensor x, Rope rope, Batch b) {
      int by = key ? 0 : 1;
      key = !key;
      Planted.withPositions(b, p -> p + by, () -> super.rope(x, rope, b));
    }
  }
}
