package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.Limits;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Workspace;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.Json;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.OpsWrapper;
import dev.akvavit.testkit.WrappedBackend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The FP8 index of the shipped model beside its F32 twin, on the same hidden states of Java text
 * that was kept out of training. Four bits of mantissa cannot order the scores at the edge of the
 * top 256; they must order the better ones.
 */
class DefaultModelIndexTest {
  private static final int TOKENS = 1600;
  private static final int CHUNK = 200;
  private static final int PAGE = 16;

  /**
   * What the format's rounding left when this was first measured was 0.9812; less means that
   * something else got lost.
   */
  private static final double WHOLE = 0.98;

  /** Of the better half of the choice. */
  private static final double BETTER_HALF = 0.99;

  @Test
  void overlapOnHeldOutText() {
    BackendUnderTest fast = BackendUnderTest.fastest();
    Assumptions.assumeFalse(fast.scalar(), "the oracle would take an hour");
    int[] ids = heldOut();
    try (Backend b = fast.open(0);
        Checkpoint checkpoint = Checkpoint.open(DefaultModel.folder());
        PlacedWeights weights = new PlacedWeights(checkpoint, b)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      int pages = Math.ceilDiv(ids.length, PAGE);
      Workspace space = new Workspace(b, CHUNK, 1);
      try (KvCache cache = new KvCache(b, config.kvLayouts(DType.F32), pages, PAGE);
          BothIndexes both = new BothIndexes(b, config, space, pages)) {
        Backend observed = new WrappedBackend(b, ops -> both);
        Decoder decoder =
            DecoderBuilder.build(
                config, Architectures.of(checkpoint.config()), weights, observed, cache, space);
        Batch batch = new Batch(CHUNK, 1, pages, PAGE);
        int[] table = IntStream.range(0, pages).toArray();
        for (int cached = 0; cached < ids.length; cached += CHUNK) {
          batch.clear();
          batch.add(
              ids,
              cached,
              Math.min(CHUNK, ids.length - cached),
              cached,
              table,
              true,
              Batch.Logits.NONE);
          decoder.forward(batch);
        }
        System.out.printf(
            "FP8 index against F32, %d tokens, %d choices: %.4f of all, %.4f of the better half%n",
            ids.length, both.choices, both.whole(), both.betterHalf());
        assertThat(both.choices).isGreaterThan(1_000_000);
        assertThat(both.whole()).isGreaterThanOrEqualTo(WHOLE);
        assertThat(both.betterHalf()).isGreaterThanOrEqualTo(BETTER_HALF);
      }
    }
  }

  /** The two long prompts of the model's golden file. */
  private static int[] heldOut() {
    JsonConfig golden =
        JsonConfig.read(DefaultModel.folder().resolve("golden.json"), Limits.DEFAULT);
    List<Integer> ids = new ArrayList<>();
    for (Json prompt : ((Json.Elements) golden.json("prompts")).list()) {
      JsonConfig p = new JsonConfig((Json.Members) prompt, "golden.json");
      if (p.text("name").startsWith("long-")) {
        ids.addAll(p.integers("prompt_ids"));
      }
    }
    return ids.stream().mapToInt(i -> i).limit(TOKENS).toArray();
  }

  /**
   * Runs the F32 index, and beside it the FP8 index on the same queries and keys; counts where they
   * agree.
   */
  private static final class BothIndexes extends OpsWrapper implements AutoCloseable {
    private final int layers;
    private final SparseLatent.Indexer indexer;
    private final KvCache rounded;
    private final Selection half, inF8;
    private final Tensor key, query;
    private int layer;
    private long choices, agreed, better, betterAgreed;

    BothIndexes(Backend b, ModelConfig config, Workspace space, int pages) {
      super(b.ops());
      layers = config.layers().size();
      indexer = ((SparseLatent) config.layers().getFirst().attention()).indexer();
      KvLayout layout =
          KvLayout.of(
              new KvLayout.Plane("index keys", 1, indexer.dim(), DType.F8_E4M3),
              new KvLayout.Plane("index scale", 1, 1, DType.F32));
      rounded = new KvCache(b, Collections.nCopies(layers, layout), pages, PAGE);
      half = b.selection(space.tokens, indexer.topK() / 2);
      inF8 = b.selection(space.tokens, indexer.topK());
      key = space.tensor("k_index in F8", 1, indexer.dim());
      query = space.tensor("q_index in F8", indexer.heads(), indexer.dim());
    }

    @Override
    public void store(Tensor cache, Tensor rows, Batch b) {
      ops.store(cache, rows, b);
      if (rows.dim() == indexer.dim()) { // the latent's rows are longer
        ops.copy(key, rows);
        ops.hadamard(key);
        ops.storeF8(rounded.plane(layer, 0), rounded.plane(layer, 1), key, b);
      }
    }

    @Override
    public void select(
        Selection out, Tensor q, Tensor w, Tensor keys, @Nullable Tensor scales, Batch b) {
      ops.select(out, q, w, keys, scales, b);
      ops.select(half, q, w, keys, scales, b);
      ops.copy(query, q);
      ops.hadamard(query);
      ops.roundToF8(query);
      ops.select(inF8, query, w, rounded.plane(layer, 0), rounded.plane(layer, 1), b);
      for (int t = 0; t < b.tokens(); t++) {
        if (b.positions[t] >= indexer.topK()) { // before that there is no choice to make
          count(out.positions(t), half.positions(t), inF8.positions(t), b.positions[t]);
        }
      }
      layer = (layer + 1) % layers;
    }

    private void count(int[] exact, int[] best, int[] found, int position) {
      boolean[] chosen = new boolean[position + 1];
      for (int p : found) {
        chosen[p] = true;
      }
      choices += exact.length;
      agreed += IntStream.of(exact).filter(p -> chosen[p]).count();
      better += best.length;
      betterAgreed += IntStream.of(best).filter(p -> chosen[p]).count();
    }

    double whole() {
      return (double) agreed / choices;
    }

    double betterHalf() {
      return (double) betterAgreed / better;
    }

    @Override
    public void close() {
      rounded.close();
    }
  }
}
