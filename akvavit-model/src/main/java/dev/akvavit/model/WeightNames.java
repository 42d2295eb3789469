package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a family keeps its tensors. The defaults are the names of Llama, Qwen, Mistral and DeepSeek
 * on the Hugging Face hub, which are our canonical names; a family that differs overrides what
 * differs.
 */
public interface WeightNames {
  default String layer(int i) {
    return "model.layers." + i + ".";
  }

  default Weight embedding(ModelConfig c, Weights w) {
    String name = "model.embed_tokens.weight";
    return c.tiedEmbeddings()
        ? w.matrix(name, c.vocabulary(), c.hidden()) // multiplied, too
        : w.table(name, c.vocabulary(), c.hidden());
  }

  default Weight positions(ModelConfig c, Weights w) {
    throw new IllegalArgumentException(c.modelType() + " has no learned positions");
  }

  default Norm outputNorm(ModelConfig c, Weights w) {
    return norm("model.norm", c, w);
  }

  default Weight head(ModelConfig c, Weights w) {
    return w.matrix("lm_head.weight", c.vocabulary(), c.hidden());
  }

  default Norm attentionNorm(ModelConfig c, int layer, Weights w) {
    return norm(layer(layer) + "input_layernorm", c, w);
  }

  default Norm feedForwardNorm(ModelConfig c, int layer, Weights w) {
    return norm(layer(layer) + "post_attention_layernorm", c, w);
  }

  /** A norm over the hidden state, with a bias where the model's norm is LayerNorm. */
  default Norm norm(String name, ModelConfig c, Weights w) {
    boolean layerNorm = c.norm().kind() == NormConfig.Kind.LAYER;
    return new Norm(
        w.vector(name + ".weight", c.hidden()),
        layerNorm ? w.vector(name + ".bias", c.hidden()) : null,
        c.norm().eps());
  }

  default Linear linear(String name, int out, int in, boolean bias, Weights w) {
    return new Linear(
        w.matrix(name + ".weight", out, in), bias ? w.vector(name + ".bias", out) : null);
  }

  default GroupedQueryAttention.Parts groupedQuery(
      AttentionConfig.GroupedQuery c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "self_attn.";
    int d = c.headDim();
    boolean norms = c.queryKeyNormEps() != 0;
    return new GroupedQueryAttention.Parts(
        new GroupedQueryAttention.Projection.Separate(
            linear(p + "q_proj", c.heads() * d, hidden, c.bias(), w),
            linear(p + "k_proj", c.kvHeads() * d, hidden, c.bias(), w),
            linear(p + "v_proj", c.kvHeads() * d, hidden, c.bias(), w)),
        linear(p + "o_proj", hidden, c.heads() * d, c.outputBias(), w),
        norms ? w.vector(p + "q_norm.weight", d) : null,
        norms ? w.vector(p + "k_norm.weight", d) : null);
  }

  /**
   * {@code kv_b_proj} holds, head by head, {@code nope} rows of W_UK and then {@code value} rows of
   * W_UV. Where a file has them apart, W_UK lies transposed, as the absorbed form reads it.
   */
  default LatentProjection.Parts latent(
      AttentionConfig.Latent c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "self_attn.";
    int query = c.heads() * (c.nopeDim() + c.ropeDim());
    boolean lowRank = c.queryRank() != 0;
    Weight wUK;
    Weight wUV;
    if (w.has(p + "k_b_proj.weight")) {
      wUK = w.stack(p + "k_b_proj.weight", c.heads(), c.kvRank(), c.nopeDim()).transpose();
      wUV = w.stack(p + "v_b_proj.weight", c.heads(), c.valueDim(), c.kvRank());
    } else {
      Weight kvB =
          w.matrix(p + "kv_b_proj.weight", c.heads() * (c.nopeDim() + c.valueDim()), c.kvRank())
              .split(c.heads());
      wUK = kvB.rows(0, c.nopeDim());
      wUV = kvB.rows(c.nopeDim(), c.valueDim());
    }
    return new LatentProjection.Parts(
        lowRank ? w.matrix(p + "q_a_proj.weight", c.queryRank(), hidden) : null,
        lowRank ? w.vector(p + "q_a_layernorm.weight", c.queryRank()) : null,
        lowRank
            ? w.matrix(p + "q_b_proj.weight", query, c.queryRank())
            : w.matrix(p + "q_proj.weight", query, hidden),
        w.matrix(p + "kv_a_proj_with_mqa.weight", c.kvRank() + c.ropeDim(), hidden),
        w.vector(p + "kv_a_layernorm.weight", c.kvRank()),
        wUK,
        wUV,
        w.matrix(p + "o_proj.weight", hidden, c.heads() * c.valueDim()));
  }

  default LightningIndexer.@Nullable Parts indexer(
      AttentionConfig.SparseLatent c, int layer, int hidden, Weights w) {
    if (c.sharesSelection()) {
      return null;
    }
    String p = layer(layer) + "self_attn.indexer.";
    int dim = c.indexer().dim();
    return new LightningIndexer.Parts(
        w.matrix(p + "wq_b.weight", c.indexer().heads() * dim, c.latent().queryRank()),
        w.matrix(p + "wk.weight", dim, hidden),
        w.matrix(p + "weights_proj.weight", c.indexer().heads(), hidden),
        w.vector(p + "k_norm.weight", dim),
        w.vector(p + "k_norm.bias", dim));
  }

  default GatedFeedForward.Parts gated(
      FeedForwardConfig.Gated c, int layer, int hidden, Weights w) {
    return gated(layer(layer) + "mlp.", c.width(), hidden, c.bias(), w);
  }

  /** One under a prefix. */
  default GatedFeedForward.Parts gated(String p, int width, int hidden, boolean bias, Weights w) {
    return new GatedFeedForward.Parts(
        linear(p + "gate_proj", width, hidden, bias, w),
        linear(p + "up_proj", width, hidden, bias, w),
        linear(p + "down_proj", hidden, width, bias, w));
  }

  default PlainFeedForward.Parts plain(
      FeedForwardConfig.Plain c, int layer, int hidden, Weights w) {
    throw new IllegalArgumentException("no names for a feed-forward without a gate");
  }

  default DeepSeekMoe.Parts mixture(
      FeedForwardConfig.MixtureOfExperts c, int layer, int hidden, Weights w) {
    String p = layer(layer) + "mlp.";
    int experts = c.router().experts();
    return new DeepSeekMoe.Parts(
        w.matrix(p + "gate.weight", experts, hidden),
        c.selectionBias() ? w.vector(p + "gate.e_score_correction_bias", experts) : null,
        w.has(p + "experts.gate_up_proj")
            ? stackedExperts(p + "experts.", c, hidden, w)
            : separateExperts(p + "experts.", c, hidden, w),
        c.sharedWidth() == 0
            ? null
            : gated(p + "shared_experts.", c.sharedWidth(), hidden, false, w),
        null);
  }

  /** One matrix an expert: how DeepSeek and Qwen publish. */
  private static ExpertWeights separateExperts(
      String p, FeedForwardConfig.MixtureOfExperts c, int hidden, Weights w) {
    List<Weight> gate = new ArrayList<>();
    List<Weight> up = new ArrayList<>();
    List<Weight> down = new ArrayList<>();
    for (int e = 0; e < c.router().experts(); e++) {
      gate.add(w.matrix(p + e + ".gate_proj.weight", c.width(), hidden));
      up.add(w.matrix(p + e + ".up_proj.weight", c.width(), hidden));
      down.add(w.matrix(p + e + ".down_proj.weight", hidden, c.width()));
    }
    return new ExpertWeights(gate, up, down);
  }

  /** All experts in two stacks, gate and up together: how transformers 5 writes. */
  private static ExpertWeights stackedExperts(
      String p, FeedForwardConfig.MixtureOfExperts c, int hidden, Weights w) {
    int experts = c.router().experts();
    Weight gateUp = w.stack(p + "gate_up_proj", experts, 2 * c.width(), hidden);
    Weight down = w.stack(p + "down_proj", experts, hidden, c.width());
    List<Weight> gates = new ArrayList<>();
    List<Weight> ups = new ArrayList<>();
    List<Weight> downs = new ArrayList<>();
    for (int e = 0; e < experts; e++) {
      gates.add(gateUp.head(e).rows(0, c.width()));
      ups.add(gateUp.head(e).rows(c.width(), c.width()));
      downs.add(down.head(e));
    }
    return new ExpertWeights(gates, ups, downs);
  }
}
