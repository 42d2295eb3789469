package dev.akvavit.cli;

import dev.akvavit.ModelSummary;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;

/**
 * Bytes that one generated token must read from memory: the weights that are active for it, once,
 * and the rows of the cache that its attention looks at. What a token costs beyond that is not
 * memory's fault.
 */
final class DecodeTraffic {
  private DecodeTraffic() {}

  /**
   * Bytes a token at a depth.
   *
   * @param weightBytes of the whole model; each parameter is taken to have the mean size
   * @param depth tokens in the cache
   */
  static double bytes(
      ModelConfig config, ModelSummary summary, long weightBytes, DType cacheType, int depth) {
    return activeWeights(config, summary, weightBytes) + cacheRows(config, cacheType, depth);
  }

  private static double activeWeights(ModelConfig config, ModelSummary summary, long weightBytes) {
    ModelSummary.ParameterCountView p = summary.parameters();
    // Of an untied embedding one row is read; a tied one is the output head too.
    long looked = config.tiedEmbeddings() ? 0 : (long) config.vocabulary() * config.hidden();
    return (double) weightBytes / p.total() * (p.active() - looked);
  }

  private static double cacheRows(ModelConfig config, DType cacheType, int depth) {
    double bytes = 0;
    for (LayerConfig layer : config.layers()) {
      KvLayout layout = layer.attention().kvLayout(cacheType);
      bytes +=
          switch (layer.attention()) {
            case AttentionConfig.GroupedQuery a ->
                (double) layout.bytesPerToken()
                    * (a.window() == 0 ? depth : Math.min(depth, a.window()));
            case AttentionConfig.Latent a -> (double) layout.bytesPerToken() * depth;
            case AttentionConfig.SparseLatent a -> sparse(a, layout, depth);
          };
    }
    return bytes;
  }

  /** The indexer reads all its keys, attention the latent rows it selected. */
  private static double sparse(AttentionConfig.SparseLatent a, KvLayout layout, int depth) {
    long latent = layout.planes().getFirst().bytesPerToken();
    long index = layout.bytesPerToken() - latent;
    return (double) index * depth + (double) latent * Math.min(depth, a.indexer().topK());
  }
}
