package dev.akvavit.plan;

import dev.akvavit.core.DType;
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
   * @param total parameters of the whole model
   * @param active those that one token uses, the whole embedding included
   * @param weightBytes of the whole model; each parameter is taken to have the mean size
   * @param context tokens in the cache
   */
  public static double bytes(
      ModelConfig config, long total, long active, long weightBytes, DType cacheType, int context) {
    double bytes = (double) weightBytes / total * multiplied(config, active);
    for (LayerConfig layer : config.layers()) {
      bytes += AttentionCost.of(layer.attention(), cacheType).bytesRead(context);
    }
    return bytes;
  }

  /** Parameters that are multiplied for one token: of an untied table only one row is read. */
  private static long multiplied(ModelConfig config, long active) {
    return Math.max(0, active - new ConfiguredShape(config).lookedUp());
  }
}
