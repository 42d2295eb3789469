package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;

/**
 * Bytes that one generated token must read from memory ({@link Formula#READ}): the weights that are
 * active for it, once, and the rows of the cache that its attention looks at. What a token costs
 * beyond that is not memory's fault.
 */
public final class DecodeTraffic {
  private DecodeTraffic() {}

  /**
   * Bytes a token.
   *
   * @param weightBytes that one token reads: of each tensor it multiplies with
   * @param context tokens in the cache
   */
  public static double bytes(
      ModelConfig config, double weightBytes, CacheTypes cacheTypes, int context) {
    double bytes = weightBytes;
    for (LayerConfig layer : config.layers()) {
      bytes += AttentionCost.of(layer.attention(), cacheTypes).bytesRead(context);
    }
    return bytes;
  }
}
