package dev.akvavit.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attention mechanisms this engine knows. A new one is a record here, a class beside the others
 * and a line in {@code Attentions}.
 */
public sealed interface AttentionConfig {
  /**
   * What a token leaves in the cache. Of planes that a layer does not have the types say nothing.
   *
   * @throws IllegalArgumentException when rows are no whole blocks of their type
   */
  KvLayout kvLayout(CacheTypes types);

  /** The same with rows of one type. */
  default KvLayout kvLayout(DType rows) {
    return kvLayout(CacheTypes.of(rows));
  }

  /** Whether rows are whole blocks of these types: the constructors of planes say it. */
  default boolean keeps(CacheTypes types) {
    try {
      return !kvLayout(types).planes().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Names of planes whose type can be chosen. */
  List<String> cachePlanes();

  /** Name for people: MHA, MQA, GQA-8, MLA, MLA + DSA. */
  String mechanism();

  /**
   * MHA when {@code kvHeads == heads}, MQA when {@code kvHeads == 1}, GQA between (Vaswani 2017,
   * Shazeer 2019, Ainslie 2023).
   *
   * @param rope null for models with learned positions
   * @param ropeDim rotated elements of each head, the first ones; {@code headDim} unless rotary is
   *     partial
   * @param queryKeyNormEps epsilon of the per-head RMS norm on q and k (Qwen3); 0 when there is
   *     none
   * @param window positions a query sees, itself included; 0 for all
   * @param bias whether q, k and v have biases
   * @param outputBias whether the output projection has one
   */
  record GroupedQuery(
      int heads,
      int kvHeads,
      int headDim,
      @Nullable RopeConfig rope,
      RopeStyle ropeStyle,
      int ropeDim,
      float queryKeyNormEps,
      int window,
      boolean bias,
      boolean outputBias)
      implements AttentionConfig {

    public GroupedQuery {
      Require.positive("heads", heads);
      Require.positive("kvHeads", kvHeads);
      Require.positive("headDim", headDim);
      Require.that(heads % kvHeads == 0, "kvHeads " + kvHeads + " must divide heads " + heads);
      Require.that(
          ropeDim >= 0 && ropeDim <= headDim && ropeDim % 2 == 0,
          "rotated elements " + ropeDim + " must be even and at most headDim " + headDim);
      Require.that(window >= 0, "sliding window " + window + " must be 0 (none) or more");
    }

    @Override
    public KvLayout kvLayout(CacheTypes types) {
      return KvLayout.of(
          new KvLayout.Plane("keys", kvHeads, headDim, types.type("keys")),
          new KvLayout.Plane("values", kvHeads, headDim, types.type("values")));
    }

    @Override
    public List<String> cachePlanes() {
      return List.of("keys", "values");
    }

    @Override
    public String mechanism() {
      String name = kvHeads == heads ? "MHA" : kvHeads == 1 ? "MQA" : "GQA-" + kvHeads;
      return window == 0 ? name : name + " window " + window;
    }
  }

  /**
   * Multi-head latent attention (DeepSeek-V2, section 2.1): one latent row per token, shared by all
   * heads.
   *
   * @param queryRank rank of the query's low-rank projection; 0 when the query is projected
   *     directly (V2-Lite)
   * @param kvRank length of the latent
   * @param nopeDim part of each head without position
   * @param ropeDim rotated part of each head, and of the one rotated key
   * @param scale factor on scores, YaRN's correction included
   * @param latentNormEps epsilon of the norms on the latents; 1e-6 in every published model,
   *     whatever rms_norm_eps says
   * @param temperature null, or Mistral-4's growth of queries with position
   */
  record Latent(
      int heads,
      int queryRank,
      int kvRank,
      int nopeDim,
      int ropeDim,
      int valueDim,
      RopeConfig rope,
      RopeStyle ropeStyle,
      float scale,
      float latentNormEps,
      @Nullable Temperature temperature)
      implements AttentionConfig {

    public Latent {
      Require.positive("heads", heads);
      Require.positive("kv_lora_rank", kvRank);
      Require.positive("qk_nope_head_dim", nopeDim);
      Require.positive("qk_rope_head_dim", ropeDim);
      Require.positive("v_head_dim", valueDim);
      Require.that(queryRank >= 0, "q_lora_rank " + queryRank + " must be 0 (none) or more");
      Require.that(ropeDim % 2 == 0, "qk_rope_head_dim " + ropeDim + " must be even");
    }

    @Override
    public KvLayout kvLayout(CacheTypes types) {
      KvLayout.Plane latent = new KvLayout.Plane("latent", 1, kvRank, types.type("latent"));
      KvLayout.Plane rope = new KvLayout.Plane("rope", 1, ropeDim, types.type("rope"));
      return latent.dtype() == rope.dtype()
          ? KvLayout.of(new KvLayout.Plane("latent", 1, kvRank + ropeDim, latent.dtype()))
          : KvLayout.of(latent, rope);
    }

    @Override
    public List<String> cachePlanes() {
      return List.of("latent", "rope");
    }

    @Override
    public String mechanism() {
      return "MLA";
    }
  }

  /**
   * DeepSeek sparse attention (V3.2-Exp): a lightning indexer picks {@code topK} tokens for latent
   * attention.
   *
   * @param sharesSelection true for a layer without an indexer that reuses the last selection
   *     (GLM-5.2)
   */
  record SparseLatent(Latent latent, Indexer indexer, boolean sharesSelection)
      implements AttentionConfig {

    /**
     * @param heads index query heads; there is one index key
     * @param ropeDim rotated elements, the FIRST of each head
     * @param precision how index keys are cached
     */
    public record Indexer(
        int heads, int dim, int topK, int ropeDim, RopeStyle ropeStyle, IndexPrecision precision) {
      public Indexer {
        Require.positive("index_n_heads", heads);
        Require.positive("index_head_dim", dim);
        Require.positive("index_topk", topK);
        Require.that(
            ropeDim <= dim, "qk_rope_head_dim " + ropeDim + " exceeds index_head_dim " + dim);
        Require.that(
            precision == IndexPrecision.EXACT || Integer.bitCount(dim) == 1,
            "index_head_dim " + dim + " must be a power of two for the Hadamard transform");
      }
    }

    public SparseLatent {
      Require.positive("q_lora_rank (the indexer reads the query latent)", latent.queryRank());
    }

    @Override
    public KvLayout kvLayout(CacheTypes types) {
      List<KvLayout.Plane> planes = new ArrayList<>(latent.kvLayout(types).planes());
      if (!sharesSelection) {
        if (indexer.precision() == IndexPrecision.F8) {
          planes.add(new KvLayout.Plane("index keys", 1, indexer.dim(), DType.F8_E4M3));
          planes.add(new KvLayout.Plane("index scale", 1, 1, DType.F32));
        } else {
          planes.add(new KvLayout.Plane("index keys", 1, indexer.dim(), types.type("index")));
        }
      }
      return new KvLayout(planes);
    }

    /** FP8 index keys are chosen by {@link Indexer#precision}, for queries are rounded too then. */
    @Override
    public List<String> cachePlanes() {
      List<String> planes = new ArrayList<>(latent.cachePlanes());
      if (!sharesSelection && indexer.precision() == IndexPrecision.EXACT) {
        planes.add("index");
      }
      return List.copyOf(planes);
    }

    @Override
    public String mechanism() {
      return "MLA + DSA top " + indexer.topK() + (sharesSelection ? " (shared)" : "");
    }
  }
}
