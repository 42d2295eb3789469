package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import dev.akvavit.model.GroupedQueryAttention;
import dev.akvavit.model.Norm;
import dev.akvavit.model.PlainFeedForward;
import java.util.List;

/**
 * GPTBigCode (StarCoder, SantaCoder): GPT-2 with one key head for all queries, matrices stored
 * {@code [out, in]}.
 */
final class StarCoder implements Architecture {
  private final Gpt2 gpt2 = new Gpt2();

  @Override
  public List<String> modelTypes() {
    return List.of("gpt_bigcode");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    boolean multiQuery = c.flag("multi_query", true);
    int heads = c.integer("n_head");
    int kvHeads = multiQuery ? 1 : heads;
    ConfigReader.only(
        c,
        "num_key_value_heads",
        String.valueOf(c.integer("num_key_value_heads", kvHeads)),
        String.valueOf(kvHeads));
    return Gpt2.configure(c, "gelu_pytorch_tanh", kvHeads);
  }

  @Override
  public Weight embedding(ModelConfig c, Weights w) {
    return gpt2.embedding(c, w);
  }

  @Override
  public Weight positions(ModelConfig c, Weights w) {
    return gpt2.positions(c, w);
  }

  @Override
  public Norm outputNorm(ModelConfig c, Weights w) {
    return gpt2.outputNorm(c, w);
  }

  @Override
  public Norm attentionNorm(ModelConfig c, int layer, Weights w) {
    return gpt2.attentionNorm(c, layer, w);
  }

  @Override
  public Norm feedForwardNorm(ModelConfig c, int layer, Weights w) {
    return gpt2.feedForwardNorm(c, layer, w);
  }

  @Override
  public GroupedQueryAttention.Parts groupedQuery(
      AttentionConfig.GroupedQuery c, int layer, int hidden, Weights w) {
    String p = Gpt2.prefix(w) + "h." + layer + ".attn.";
    var fused =
        linear(p + "c_attn", (c.heads() + 2 * c.kvHeads()) * c.headDim(), hidden, c.bias(), w);
    return new GroupedQueryAttention.Parts(
        c.kvHeads() == 1
            ? new GroupedQueryAttention.Projection.Fused(fused)
            : new GroupedQueryAttention.Projection.FusedByHead(fused),
        linear(p + "c_proj", hidden, c.heads() * c.headDim(), c.outputBias(), w),
        null,
        null);
  }

  @Override
  public PlainFeedForward.Parts plain(FeedForwardConfig.Plain c, int layer, int hidden, Weights w) {
    String p = Gpt2.prefix(w) + "h." + layer + ".mlp.";
    return new PlainFeedForward.Parts(
        linear(p + "c_fc", c.width(), hidden, c.bias(), w),
        linear(p + "c_proj", hidden, c.width(), c.bias(), w));
  }
}
