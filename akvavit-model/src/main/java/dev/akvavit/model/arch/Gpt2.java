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
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import dev.akvavit.model.GroupedQueryAttention;
import dev.akvavit.model.Linear;
import dev.akvavit.model.Norm;
import dev.akvavit.model.PlainFeedForward;
import java.util.List;
import java.util.stream.IntStream;

/**
 * GPT-2: multi-head attention, learned positions, LayerNorm; matrices are stored {@code [in, out]}.
 */
final class Gpt2 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("gpt2");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    return configure(c, "gelu_new", c.integer("n_head"));
  }

  /** GPT-2's keys, which StarCoder took over. */
  static ModelConfig configure(ConfigSource c, String activationFallback, int kvHeads) {
    ConfigReader.only(
        c, "scale_attn_weights", String.valueOf(c.flag("scale_attn_weights", true)), "true");
    ConfigReader.off(c, "scale_attn_by_inverse_layer_idx");
    ConfigReader.off(c, "add_cross_attention");
    int hidden = c.integer("n_embd");
    int heads = c.integer("n_head");
    var attention =
        new AttentionConfig.GroupedQuery(
            heads,
            kvHeads,
            hidden / Math.max(1, heads),
            null,
            RopeStyle.HALVES,
            0,
            0,
            0,
            true,
            true);
    var feedForward =
        new FeedForwardConfig.Plain(
            c.integer("n_inner", 4 * hidden),
            activation(c, c.text("activation_function", activationFallback)),
            true);
    return new ModelConfig(
        c.text("model_type"),
        c.integer("vocab_size"),
        hidden,
        c.integer("n_positions", c.integer("n_ctx", 1024)),
        new NormConfig(NormConfig.Kind.LAYER, (float) c.number("layer_norm_epsilon", 1e-5)),
        true,
        c.flag("tie_word_embeddings", true),
        IntStream.range(0, c.integer("n_layer"))
            .mapToObj(i -> new LayerConfig(attention, feedForward, LayerConfig.Residual.SEQUENTIAL))
            .toList());
  }

  private static Activation activation(ConfigSource c, String name) {
    ConfigReader.only(c, "activation_function", name, "gelu", "gelu_new", "gelu_pytorch_tanh");
    return name.equals("gelu") ? Activation.GELU : Activation.GELU_TANH;
  }

  /** OpenAI's own upload has no prefix; saved by transformers it has one. */
  static String prefix(Weights w) {
    return w.has("transformer.wte.weight") ? "transformer." : "";
  }

  @Override
  public Weight embedding(ModelConfig c, Weights w) {
    return w.matrix(prefix(w) + "wte.weight", c.vocabulary(), c.hidden());
  }

  @Override
  public Weight positions(ModelConfig c, Weights w) {
    return w.table(prefix(w) + "wpe.weight", c.maxPositions(), c.hidden());
  }

  @Override
  public Norm outputNorm(ModelConfig c, Weights w) {
    return norm(prefix(w) + "ln_f", c, w);
  }

  @Override
  public Norm attentionNorm(ModelConfig c, int layer, Weights w) {
    return norm(prefix(w) + "h." + layer + ".ln_1", c, w);
  }

  @Override
  public Norm feedForwardNorm(ModelConfig c, int layer, Weights w) {
    return norm(prefix(w) + "h." + layer + ".ln_2", c, w);
  }

  @Override
  public GroupedQueryAttention.Parts groupedQuery(
      AttentionConfig.GroupedQuery c, int layer, int hidden, Weights w) {
    String p = prefix(w) + "h." + layer + ".attn.";
    return new GroupedQueryAttention.Parts(
        new GroupedQueryAttention.Projection.Fused(
            linear(p + "c_attn", (c.heads() + 2 * c.kvHeads()) * c.headDim(), hidden, c.bias(), w)),
        linear(p + "c_proj", hidden, c.heads() * c.headDim(), c.outputBias(), w),
        null,
        null);
  }

  @Override
  public PlainFeedForward.Parts plain(FeedForwardConfig.Plain c, int layer, int hidden, Weights w) {
    String p = prefix(w) + "h." + layer + ".mlp.";
    return new PlainFeedForward.Parts(
        linear(p + "c_fc", c.width(), hidden, c.bias(), w),
        linear(p + "c_proj", hidden, c.width(), c.bias(), w));
  }

  /** A Conv1D: the file's rows are the matrix's columns. */
  @Override
  public Linear linear(String name, int out, int in, boolean bias, Weights w) {
    return new Linear(
        w.matrix(name + ".weight", in, out).transpose(),
        bias ? w.vector(name + ".bias", out) : null);
  }
}
