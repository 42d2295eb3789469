package dev.akvavit.model;

import static dev.akvavit.model.GoldenModel.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.model.GoldenModel.Chunk;
import dev.akvavit.model.GoldenModel.Golden;
import dev.akvavit.model.GoldenModel.Sequence;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.Tolerance;
import dev.akvavit.testkit.WrappedBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same thing computed by another formula: bit for bit where the arithmetic is the same, else
 * within its roundings.
 */
class EquivalenceTest {
  static Stream<BackendUnderTest> backends() {
    return BackendUnderTest.all().stream();
  }

  static Stream<Arguments> latentCheckpoints() {
    return backends()
        .flatMap(b ->
            Stream.of(
                    "deepseek-v2-lite",
                    "deepseek-v2",
                    "deepseek-v3",
                    "deepseek-v3-noyarn",
                    "deepseek-v3-fp8",
                    "mistral4-mla")
                .limit(b.scalar() ? 2 : 6) // without a query rank, and with one
                .map(n -> Arguments.of(b, n)));
  }

  static Stream<Arguments> mechanisms() {
    return BatchInvarianceTest.mechanisms();
  }

  /** Expanded over prompts, absorbed over generated tokens: {@code qᵀ(W_UK c) = (W_UKᵀ q)ᵀ c}. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("latentCheckpoints")
  void expandedIsAbsorbed(BackendUnderTest backend, String name) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(GoldenModel.folder(name), "config.json", b, IndexPrecision.EXACT, 1);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      Sequence prompt = new Sequence(golden.ints("input_ids"));
      Sequence generated = new Sequence(golden.ints("input_ids"));
      model.step(
          List.of(
              new Chunk(prompt, prompt.ids.length, true),
              new Chunk(generated, generated.ids.length, false)));
      double tolerance = tolerance(model.config, prompt.ids.length);
      double worst = 0;
      for (int t = 0; t < prompt.ids.length; t++) {
        worst = Math.max(worst, relativeError(generated.logits.get(t), prompt.logits.get(t)));
      }
      assertThat(worst)
          .as("relative to the row's largest logit")
          .isLessThan(tolerance)
          .isLessThan(GoldenTest.TOLERANCE);
      assertThat(prompt.logits.get(79))
          .as("two formulas, not one run twice")
          .isNotEqualTo(generated.logits.get(79));
    }
  }

  /** Every sum on the way through a model of latent attention. */
  private static double tolerance(ModelConfig c, int context) {
    Latent a = (Latent) c.layers().getFirst().attention();
    int layer =
        2 * c.hidden()
            + a.queryRank()
            + 2 * a.kvRank()
            + a.nopeDim()
            + a.ropeDim()
            + context
            + a.heads() * a.valueDim()
            + 4 * c.hidden();
    return Tolerance.chain(layer * c.layers().size(), c.hidden());
  }

  /**
   * Sparse attention that may choose everything is latent attention in its absorbed form, bit for
   * bit.
   */
  @ParameterizedTest
  @MethodSource("backends")
  void sparseWithRoomForAllIsDense(BackendUnderTest backend) {
    for (String name : List.of("deepseek-v3.2", "glm-moe-dsa")) {
      Sequence sparse =
          run(backend, name, Planted.attention(a -> withTopK((SparseLatent) a, 4096)), true);
      Sequence dense =
          run(backend, name, Planted.attention(a -> ((SparseLatent) a).latent()), false);
      assertThat(sparse.selected.get(0).get(79)).containsExactly(IntStream.range(0, 80).toArray());
      for (int t = 0; t < 80; t++) {
        assertThat(sparse.logits.get(t))
            .as("%s on %s, position %d", name, backend, t)
            .isEqualTo(dense.logits.get(t));
      }
    }
  }

  private static Sequence run(
      BackendUnderTest backend, String name, UnaryOperator<ModelConfig> change, boolean prompt) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(
                GoldenModel.folder(name),
                "config.json",
                b,
                IndexPrecision.EXACT,
                CacheTypes.of(DType.F32),
                1,
                change);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      Sequence s = new Sequence(golden.ints("input_ids"));
      model.step(List.of(new Chunk(s, s.ids.length, prompt)));
      return s;
    }
  }

  private static AttentionConfig withTopK(SparseLatent a, int topK) {
    var i = a.indexer();
    return new SparseLatent(
        a.latent(),
        new SparseLatent.Indexer(
            i.heads(), i.dim(), topK, i.ropeDim(), i.ropeStyle(), i.precision()),
        a.sharesSelection());
  }

  /** A prefix on pages that another sequence filled gives the bits of a prefix of one's own. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("mechanisms")
  void sharedPages(BackendUnderTest backend, String name, ModelConfig config) {
    try (Backend b = backend.open(0);
        TinyModel model = new TinyModel(config, b, DType.F32, 32, 3)) {
      Random random = new Random(4);
      int[] own = TinyModel.randomIds(23, random);
      int[] other = TinyModel.randomIds(19, random);
      System.arraycopy(own, 0, other, 0, 2 * TinyModel.PAGE);
      List<float[]> alone = prefill(model, own, 0, new int[] {9, 2, 30, 11, 5, 17});
      prefill(model, other, 0, new int[] {3, 21, 8, 14, 1});
      List<float[]> shared =
          prefill(model, own, 2 * TinyModel.PAGE, new int[] {3, 21, 4, 19, 0, 12});
      for (int i = 0; i < shared.size(); i++) {
        assertThat(shared.get(i))
            .as("position %d", i + 2 * TinyModel.PAGE)
            .isEqualTo(alone.get(i + 2 * TinyModel.PAGE));
      }
    }
  }

  private static List<float[]> prefill(TinyModel model, int[] ids, int cached, int[] pages) {
    model.batch.clear();
    model.add(ids, cached, ids.length - cached, pages, true, Batch.Logits.ALL);
    return model.run();
  }

  /**
   * Rows {@code 2i, 2i + 1} moved to {@code i, i + r/2} in query and key: the other pairing gives
   * the same scores.
   */
  @ParameterizedTest
  @MethodSource("backends")
  void interleavedIsHalvesOfMovedRows(BackendUnderTest backend) {
    Latent a = TinyModel.latent(0, null);
    ModelConfig interleaved = TinyModel.mechanisms().get("MLA");
    ModelConfig halves = Planted.attention(x -> withStyle(a, RopeStyle.HALVES)).apply(interleaved);
    int[] ids = TinyModel.randomIds(40, new Random(5));
    int[] pages = IntStream.range(0, 16).toArray();
    int head = a.nopeDim() + a.ropeDim();
    try (Backend b = backend.open(0);
        TinyModel first = new TinyModel(interleaved, b, DType.F32, 16, 6);
        TinyModel second =
            new TinyModel(
                halves,
                b,
                CacheTypes.of(DType.F32),
                16,
                6,
                w -> {
                  for (String layer :
                      List.of("model.layers.0.self_attn.", "model.layers.1.self_attn.")) {
                    move(
                        w,
                        first.weights,
                        layer + "q_proj.weight",
                        a.heads(),
                        head,
                        a.nopeDim(),
                        a.ropeDim());
                    move(
                        w,
                        first.weights,
                        layer + "kv_a_proj_with_mqa.weight",
                        1,
                        a.kvRank() + a.ropeDim(),
                        a.kvRank(),
                        a.ropeDim());
                  }
                })) {
      List<float[]> expected = prefill(first, ids, 0, pages);
      List<float[]> found = prefill(second, ids, 0, pages);
      for (int t = 0; t < ids.length; t++) {
        assertThat(relativeError(found.get(t), expected.get(t)))
            .as("position %d", t)
            .isLessThan(tolerance(interleaved, ids.length));
      }
      assertThat(found.getLast())
          .as("the weights were moved")
          .isNotEqualTo(prefill(first, ids, 1, pages).getFirst());
    }
  }

  private static void move(
      RandomWeights to,
      RandomWeights from,
      String name,
      int heads,
      int rows,
      int first,
      int rotated) {
    float[] old = from.values(name);
    int in = old.length / (heads * rows);
    float[] moved = old.clone();
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < rotated; i++) {
        int source = h * rows + first + i;
        int target = h * rows + first + i / 2 + i % 2 * rotated / 2;
        System.arraycopy(old, source * in, moved, target * in, in);
      }
    }
    to.put(name, moved);
  }

  private static Latent withStyle(Latent c, RopeStyle style) {
    return new Latent(
        c.heads(),
        c.queryRank(),
        c.kvRank(),
        c.nopeDim(),
        c.ropeDim(),
        c.valueDim(),
        c.rope(),
        style,
        c.scale(),
        c.latentNormEps(),
        c.temperature());
  }

  /** The transform is orthogonal: in F32 it changes no choice. */
  @ParameterizedTest
  @MethodSource("backends")
  void hadamardChangesNoChoice(BackendUnderTest backend) {
    List<int[]> without = choices(backend, UnaryOperator.identity());
    List<int[]> with = choices(backend, HadamardInF32::new);
    assertThat(without).hasSize(2 * 40);
    for (int i = 0; i < without.size(); i++) {
      assertThat(with.get(i)).isEqualTo(without.get(i));
    }
  }

  private static List<int[]> choices(BackendUnderTest backend, UnaryOperator<Ops> wrap) {
    List<int[]> choices = new ArrayList<>();
    try (Backend b = new WrappedBackend(backend.open(0), wrap);
        TinyModel model = new TinyModel(TinyModel.mechanisms().get("DSA"), b, DType.F32, 16, 6)) {
      model.decoder.observe(
          new Observer() {
            @Override
            public void selection(int layer, Selection selection, Batch batch) {
              for (int t = 0; t < batch.tokens(); t++) {
                choices.add(selection.positions(t));
              }
            }
          });
      prefill(model, TinyModel.randomIds(40, new Random(7)), 0, IntStream.range(0, 16).toArray());
    }
    return choices;
  }

  private static final class HadamardInF32 extends OpsWrapper {
    HadamardInF32(Ops ops) {
      super(ops);
    }

    @Override
    public void store(Tensor cache, Tensor rows, Batch b) {
      if (Integer.bitCount(rows.dim()) == 1) { // the index key; a latent row has 18 elements
        super.hadamard(rows);
      }
      super.store(cache, rows, b);
    }

    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      super.hadamard(q);
      super.select(out, q, w, keys, scales, b);
    }
  }

  @Test
  void indexerInF8() {
    double overlap = Catchers.overlapInF8(UnaryOperator.identity(), UnaryOperator.identity());
    System.out.printf(
        "FP8 indexer against the reference's F32, random weights: overlap %.4f%n", overlap);
    assertThat(overlap).isGreaterThanOrEqualTo(Catchers.F8_OVERLAP);
  }

  @Test
  void factorsInF8() {
    double overlap = Catchers.overlapOfKinds(UnaryOperator.identity(), UnaryOperator.identity());
    System.out.printf("FP8 indexer against F32, tiny model: overlap %.4f%n", overlap);
    assertThat(overlap).isGreaterThanOrEqualTo(Catchers.F8_OVERLAP);
  }

  @Test
  void tiesGoToTheLowerPosition() {
    assertThatCode(() -> Catchers.ties().check(UnaryOperator.identity(), UnaryOperator.identity()))
        .doesNotThrowAnyException();
  }

  /** Where a page lies does not matter. */
  @ParameterizedTest
  @MethodSource("backends")
  void pagesInAnyOrder(BackendUnderTest backend) {
    try (Backend b = backend.open(0);
        TinyModel model =
            new TinyModel(TinyModel.mechanisms().get("shared DSA"), b, DType.F32, 16, 6)) {
      int[] ids = TinyModel.randomIds(40, new Random(8));
      int[] pages = IntStream.range(0, 16).toArray();
      int[] reversed = IntStream.range(0, 16).map(i -> 15 - i).toArray();
      List<float[]> expected = prefill(model, ids, 0, pages);
      List<float[]> found = prefill(model, ids, 0, reversed);
      for (int t = 0; t < ids.length; t++) {
        assertThat(Arrays.equals(found.get(t), expected.get(t))).as("position %d", t).isTrue();
      }
    }
  }
}
