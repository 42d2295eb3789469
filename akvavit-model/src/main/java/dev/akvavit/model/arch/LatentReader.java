package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Temperature;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the DeepSeek line says with the same keys: MLA, the indexer, mixtures after the first dense
 * layers.
 */
final class LatentReader {
  /**
   * The reference classes build their latent norms with this epsilon, whatever rms_norm_eps says.
   */
  private static final float LATENT_NORM_EPS = 1e-6f;

  private LatentReader() {}

  /** MLA with DeepSeek's softmax scale: {@code (nope + rope)^(-1/2)} times YaRN's m². */
  static AttentionConfig.Latent attention(ConfigSource c) {
    return attention(c, null);
  }

  static AttentionConfig.Latent attention(ConfigSource c, @Nullable Temperature temperature) {
    RopeConfig scaling = ConfigReader.rope(c);
    double correction = scaling instanceof RopeConfig.Yarn yarn ? yarn.softmaxFactor() : 1;
    ConfigReader.off(c, "attention_bias");
    int heads = c.integer("num_attention_heads");
    c.integer(
        "num_key_value_heads", heads); // equals the head count and says nothing about the cache
    c.integer("head_dim", 0); // transformers writes qk_rope_head_dim here
    int nope = c.integer("qk_nope_head_dim");
    int rope = c.integer("qk_rope_head_dim");
    ConfigReader.only(
        c,
        "qk_head_dim",
        String.valueOf(c.integer("qk_head_dim", nope + rope)),
        String.valueOf(nope + rope));
    return new AttentionConfig.Latent(
        heads,
        c.integer("q_lora_rank", 0),
        c.integer("kv_lora_rank"),
        nope,
        rope,
        c.integer("v_head_dim"),
        scaling,
        c.flag("rope_interleave", true) ? RopeStyle.INTERLEAVED : RopeStyle.HALVES,
        (float) (Math.pow(nope + rope, -0.5) * correction),
        LATENT_NORM_EPS,
        temperature);
  }

  /** DSA on top of {@code latent}. */
  static AttentionConfig.SparseLatent sparse(
      ConfigSource c,
      AttentionConfig.Latent latent,
      RopeStyle style,
      boolean shared,
      IndexPrecision precision) {
    return new AttentionConfig.SparseLatent(
        latent,
        new AttentionConfig.SparseLatent.Indexer(
            c.integer("index_n_heads"),
            c.integer("index_head_dim"),
            c.integer("index_topk"),
            latent.ropeDim(),
            style,
            precision),
        shared);
  }

  /** V3's router: sigmoid scores, a selection bias, groups worth their two best. */
  static RouterConfig sigmoidRouter(ConfigSource c) {
    ConfigReader.only(c, "scoring_func", c.text("scoring_func", "sigmoid"), "sigmoid");
    ConfigReader.only(c, "topk_method", c.text("topk_method", "noaux_tc"), "noaux_tc");
    return router(
        c,
        RouterConfig.Scoring.SIGMOID,
        RouterConfig.GroupScore.TOP_TWO,
        c.flag("norm_topk_prob", true));
  }

  static RouterConfig router(
      ConfigSource c,
      RouterConfig.Scoring scoring,
      RouterConfig.GroupScore groupScore,
      boolean normalise) {
    return new RouterConfig(
        c.integer("n_routed_experts"),
        c.integer("num_experts_per_tok"),
        scoring,
        c.integer("n_group", 1),
        c.integer("topk_group", 1),
        groupScore,
        normalise,
        (float) c.number("routed_scaling_factor", 1));
  }

  /** Layers of one attention each; the first are dense, the others mixtures. */
  static ModelConfig model(
      ConfigSource c,
      IntFunction<AttentionConfig> attention,
      RouterConfig router,
      boolean selectionBias) {
    return model(c, attention, router, selectionBias, 0);
  }

  /**
   * Layers of one attention each.
   *
   * @param dense how many of the first are dense where the config does not say
   */
  static ModelConfig model(
      ConfigSource c,
      IntFunction<AttentionConfig> attention,
      RouterConfig router,
      boolean selectionBias,
      int dense) {
    ConfigReader.only(c, "hidden_act", c.text("hidden_act", "silu"), "silu");
    ConfigReader.off(c, "mlp_bias");
    int shared = c.integer("n_shared_experts", 0);
    int width = c.integer("moe_intermediate_size");
    var mixture =
        new FeedForwardConfig.MixtureOfExperts(router, width, shared * width, selectionBias);
    int denseWidth = c.integer("intermediate_size", 0);
    int firstMixture = c.integer("first_k_dense_replace", dense);
    int frequency = Math.max(1, c.integer("moe_layer_freq", 1));
    List<String> types = c.texts("mlp_layer_types");
    types.forEach(t -> ConfigReader.only(c, "mlp_layer_types", t, "dense", "sparse"));
    List<LayerConfig> layers =
        IntStream.range(0, c.integer("num_hidden_layers"))
            .mapToObj(i -> {
              boolean sparse =
                  i < types.size()
                      ? types.get(i).equals("sparse")
                      : i >= firstMixture && i % frequency == 0;
              return new LayerConfig(
                  attention.apply(i),
                  sparse ? mixture : new FeedForwardConfig.Gated(denseWidth, false),
                  LayerConfig.Residual.SEQUENTIAL);
            })
            .toList();
    return ConfigReader.rmsModel(c, false, layers);
  }
}
