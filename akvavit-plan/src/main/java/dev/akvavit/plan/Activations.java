package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.HashMap;
import java.util.Map;

/**
 * Bytes of a model's {@link dev.akvavit.core.Workspace}: F32 rows, one buffer a name and shape,
 * shared by all layers. The names here are the decoder's; a test of the library opens models and
 * compares.
 */
final class Activations {
  private final Map<String, Long> rows = new HashMap<>(); // elements a token

  Activations(ModelConfig config) {
    int hidden = config.hidden();
    for (String name : new String[] {"x", "h", "y", "z"}) {
      add(name, 1, hidden);
    }
    for (LayerConfig layer : config.layers()) {
      switch (layer.attention()) {
        case AttentionConfig.GroupedQuery a -> {
          add("qkv", a.heads() + 2 * a.kvHeads(), a.headDim());
          add("o", a.heads(), a.headDim());
        }
        case AttentionConfig.Latent a -> latent(a);
        case AttentionConfig.SparseLatent a -> sparse(a);
      }
      feedForward(layer.feedForward(), hidden);
    }
  }

  private void latent(AttentionConfig.Latent a) {
    add("c_q", 1, Math.max(1, a.queryRank()));
    add("q", a.heads(), a.nopeDim() + a.ropeDim());
    add("kv", 1, a.kvRank() + a.ropeDim());
    add("q_absorbed", a.heads(), a.kvRank() + a.ropeDim());
    add("o_latent", a.heads(), a.kvRank());
    add("o", a.heads(), a.valueDim());
  }

  private void sparse(AttentionConfig.SparseLatent a) {
    latent(a.latent());
    if (!a.sharesSelection()) {
      add("q_index", a.indexer().heads(), a.indexer().dim());
      add("k_index", 1, a.indexer().dim());
      add("w_index", 1, a.indexer().heads());
    }
  }

  private void feedForward(FeedForwardConfig config, int hidden) {
    switch (config) {
      case FeedForwardConfig.Gated f -> gated(f.width());
      case FeedForwardConfig.Plain f -> add("up", 1, f.width());
      case FeedForwardConfig.MixtureOfExperts f -> {
        add("router", 1, f.router().experts());
        add("shared", 1, hidden);
        if (f.sharedWidth() > 0) {
          gated(f.sharedWidth());
        }
      }
    }
  }

  private void gated(int width) {
    add("gate", 1, width);
    add("up", 1, width);
  }

  private void add(String name, int heads, int dim) {
    rows.put(name + ':' + heads + 'x' + dim, (long) heads * dim);
  }

  /** Elements of all buffers, one token. */
  long elementsPerToken() {
    return rows.values().stream().mapToLong(r -> r).sum();
  }
}
