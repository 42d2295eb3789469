package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;

/**
 * Parameters of a model, counted from the very tensors its decoder would ask for; needs no weights.
 *
 * @param embedding the token table, learned positions, and the output head unless it is tied
 * @param attention all layers' attention, indexers and norms included
 * @param dense feed-forwards that every token uses, routers and norms included
 * @param shared experts that every token uses
 * @param routed experts of which a token uses some
 * @param activeRouted routed parameters that one token uses
 */
public record ParameterCount(
    long embedding, long attention, long dense, long shared, long routed, long activeRouted) {

  public static ParameterCount of(ModelConfig config, WeightNames names) {
    Counter c = new Counter();
    names.embedding(config, c);
    if (config.learnedPositions()) {
      names.positions(config, c);
    }
    if (!config.tiedEmbeddings()) {
      names.head(config, c);
    }
    long embedding = c.take();
    names.outputNorm(config, c);
    long attention = 0;
    long dense = c.take();
    long shared = 0;
    long routed = 0;
    long active = 0;
    for (int i = 0; i < config.layers().size(); i++) {
      attention += attention(config, i, names, c);
      names.feedForwardNorm(config, i, c);
      switch (config.layers().get(i).feedForward()) {
        case FeedForwardConfig.Gated f -> names.gated(f, i, config.hidden(), c);
        case FeedForwardConfig.Plain f -> names.plain(f, i, config.hidden(), c);
        case FeedForwardConfig.MixtureOfExperts f -> {
          names.mixture(f, i, config.hidden(), c);
          long expert = 3L * f.width() * config.hidden();
          long layerShared = 3L * f.sharedWidth() * config.hidden();
          long layerRouted = expert * f.router().experts();
          c.total -= layerShared + layerRouted;
          shared += layerShared;
          routed += layerRouted;
          active += expert * f.router().topK();
        }
      }
      dense += c.take();
    }
    return new ParameterCount(embedding, attention, dense, shared, routed, active);
  }

  private static long attention(ModelConfig config, int layer, WeightNames names, Counter c) {
    names.attentionNorm(config, layer, c);
    int hidden = config.hidden();
    switch (config.layers().get(layer).attention()) {
      case AttentionConfig.GroupedQuery a -> names.groupedQuery(a, layer, hidden, c);
      case AttentionConfig.Latent a -> names.latent(a, layer, hidden, c);
      case AttentionConfig.SparseLatent a -> {
        names.latent(a.latent(), layer, hidden, c);
        names.indexer(a, layer, hidden, c);
      }
    }
    return c.take();
  }

  public long total() {
    return embedding + attention + dense + shared + routed;
  }

  /** Parameters that take part in computing one token, embedding table and head included. */
  public long active() {
    return total() - routed + activeRouted;
  }

  /** Weights that have shapes and no bytes. */
  private static final class Counter implements Weights {
    private static final Buffer NOTHING =
        new Buffer() {
          @Override
          public long byteSize() {
            return 0;
          }

          @Override
          public void close() {}
        };

    private long total;

    long take() {
      long taken = total;
      total = 0;
      return taken;
    }

    @Override
    public boolean has(String name) {
      return false;
    }

    @Override
    public Weight matrix(String name, int out, int in) {
      total += (long) out * in;
      return Weight.dense(name, DType.F32, out, in, NOTHING, null);
    }

    @Override
    public Weight stack(String name, int heads, int out, int in) {
      return matrix(name, heads * out, in).split(heads);
    }

    @Override
    public Weight vector(String name, int n) {
      total += n;
      return Weight.vector(name, n, NOTHING);
    }
  }
}
