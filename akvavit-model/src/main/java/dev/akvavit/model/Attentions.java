package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Weights;

/** The registration: the compiler refuses a mechanism that has no line here. */
final class Attentions {
  private Attentions() {}

  static Attention of(
      AttentionConfig config, Wiring wiring, WeightNames names, Weights weights, int hidden) {
    int layer = wiring.layer();
    return switch (config) {
      case AttentionConfig.GroupedQuery c ->
          new GroupedQueryAttention(c, names.groupedQuery(c, layer, hidden, weights), wiring);
      case AttentionConfig.Latent c ->
          new MultiHeadLatentAttention(c, names.latent(c, layer, hidden, weights), wiring);
      case AttentionConfig.SparseLatent c ->
          new DeepSeekSparseAttention(
              c,
              names.latent(c.latent(), layer, hidden, weights),
              names.indexer(c, layer, hidden, weights),
              wiring);
    };
  }
}
