package dev.akvavit.model.arch;

import dev.akvavit.core.Activation;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import dev.akvavit.model.GroupedQueryAttention;
import dev.akvavit.model.Linear;
import dev.akvavit.model.Norm;
import dev.akvavit.model.PlainFeedForward;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Falcon: multi-query (7B) or grouped queries (the new decoder of 40B and 180B), attention and
 * feed-forward side by side, LayerNorm, exact GELU.
 */
final class Falcon implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("falcon", "RefinedWeb", "RefinedWebModel");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    ConfigReader.off(c, "alibi");
    ConfigReader.off(c, "bias");
    ConfigReader.only(c, "activation", c.text("activation", "gelu"), "gelu");
    ConfigReader.only(c, "parallel_attn", String.valueOf(c.flag("parallel_attn", true)), "true");
    boolean newDecoder = c.flag("new_decoder_architecture", false);
    boolean multiQuery = c.flag("multi_query", true);
    if (!newDecoder && !multiQuery) {
      throw new UnsupportedModelException(
          c.origin(), "multi_query", "false", "multi_query, or new_decoder_architecture");
    }
    int hidden = c.integer("hidden_size");
    int heads = c.integer("num_attention_heads", c.integer("n_head", 0));
    int headDim = hidden / Math.max(1, heads);
    int kvHeads = c.integer("num_kv_heads", heads);
    int norms = c.integer("num_ln_in_parallel_attn", newDecoder ? 2 : 1);
    var attention =
        new AttentionConfig.GroupedQuery(
            heads,
            newDecoder ? kvHeads : 1,
            headDim,
            ConfigReader.rope(c),
            RopeStyle.HALVES,
            headDim,
            0,
            0,
            false,
            false);
    var feedForward =
        new FeedForwardConfig.Plain(
            c.integer("ffn_hidden_size", 4 * hidden), Activation.GELU, false);
    var residual =
        newDecoder && norms == 2
            ? LayerConfig.Residual.PARALLEL_TWO_NORMS
            : LayerConfig.Residual.PARALLEL_ONE_NORM;
    int layers = c.integer("num_hidden_layers", c.integer("n_layer", 0));
    return new ModelConfig(
        "falcon",
        c.integer("vocab_size"),
        hidden,
        c.integer("max_position_embeddings", 2048),
        new NormConfig(NormConfig.Kind.LAYER, (float) c.number("layer_norm_epsilon", 1e-5)),
        false,
        c.flag("tie_word_embeddings", true),
        IntStream.range(0, layers)
            .mapToObj(i -> new LayerConfig(attention, feedForward, residual))
            .toList());
  }

  @Override
  public String layer(int i) {
    return "transformer.h." + i + ".";
  }

  @Override
  public Weight embedding(ModelConfig c, Weights w) {
    return w.matrix("transformer.word_embeddings.weight", c.vocabulary(), c.hidden());
  }

  @Override
  public Norm outputNorm(ModelConfig c, Weights w) {
    return norm("transformer.ln_f", c, w);
  }

  @Override
  public Norm attentionNorm(ModelConfig c, int layer, Weights w) {
    return norm(layer(layer) + (twoNorms(c, layer) ? "ln_attn" : "input_layernorm"), c, w);
  }

  @Override
  public Norm feedForwardNorm(ModelConfig c, int layer, Weights w) {
    return norm(layer(layer) + (twoNorms(c, layer) ? "ln_mlp" : "input_layernorm"), c, w);
  }

  private static boolean twoNorms(ModelConfig c, int layer) {
    return c.layers().get(layer).residual() == LayerConfig.Residual.PARALLEL_TWO_NORMS;
  }

  /**
   * {@code query_key_value} holds, for each key head, its group's query heads, then one key, then
   * one value; some files have the three apart.
   */
  @Override
  public GroupedQueryAttention.Parts groupedQuery(
      AttentionConfig.GroupedQuery c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "self_attention.";
    int d = c.headDim();
    Linear wO = linear(p + "dense", hidden, c.heads() * d, false, w);
    if (w.has(p + "q_proj.weight")) {
      return new GroupedQueryAttention.Parts(
          new GroupedQueryAttention.Projection.Separate(
              linear(p + "q_proj", c.heads() * d, hidden, false, w),
              linear(p + "k_proj", c.kvHeads() * d, hidden, false, w),
              linear(p + "v_proj", c.kvHeads() * d, hidden, false, w)),
          wO,
          null,
          null);
    }
    int group = c.heads() / c.kvHeads();
    Weight fused =
        w.matrix(p + "query_key_value.weight", (c.heads() + 2 * c.kvHeads()) * d, hidden)
            .split(c.kvHeads());
    return new GroupedQueryAttention.Parts(
        new GroupedQueryAttention.Projection.Separate(
            new Linear(fused.rows(0, group * d).merged(), null),
            new Linear(fused.rows(group * d, d).merged(), null),
            new Linear(fused.rows((group + 1) * d, d).merged(), null)),
        wO,
        null,
        null);
  }

  @Override
  public PlainFeedForward.Parts plain(FeedForwardConfig.Plain c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "mlp.";
    return new PlainFeedForward.Parts(
        linear(p + "dense_h_to_4h", c.width(), hidden, false, w),
        linear(p + "dense_4h_to_h", hidden, c.width(), false, w));
  }
}
