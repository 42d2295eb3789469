package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;

/**
 * Operations that tokens take at least; a multiplication and an addition count as two. What an
 * engine computes beyond that is its own affair.
 */
public final class ComputeWork {
  private ComputeWork() {}

  /**
   * Of a prompt alone in the cache: every active parameter once a token, the output head once, and
   * each token's attention to those before it, latents in their expanded form.
   *
   * @param active parameters that one token uses, the whole embedding included
   */
  public static double prefill(ModelConfig config, long active, int tokens) {
    long head = (long) config.vocabulary() * config.hidden();
    double operations = 2.0 * (multiplied(config, active) - head) * tokens + 2.0 * head;
    for (LayerConfig layer : config.layers()) {
      operations += attention(layer.attention(), tokens);
    }
    return operations;
  }

  /** Of one generated token after {@code context} others, latents in their absorbed form. */
  public static double decode(ModelConfig config, long active, int context) {
    double operations = 2.0 * multiplied(config, active);
    for (LayerConfig layer : config.layers()) {
      AttentionConfig attention = layer.attention();
      operations += AttentionCost.of(attention, DType.F32).flops(context);
    }
    return operations;
  }

  private static long multiplied(ModelConfig config, long active) {
    return active - new ConfiguredShape(config).lookedUp();
  }

  private static double attention(AttentionConfig config, int tokens) {
    return switch (config) {
      case AttentionConfig.GroupedQuery a ->
          4.0 * a.heads() * a.headDim() * pairs(tokens, a.window());
      case AttentionConfig.Latent a -> pair(a) * pairs(tokens, 0);
      case AttentionConfig.SparseLatent a ->
          pair(a.latent()) * pairs(tokens, a.indexer().topK())
              + (a.sharesSelection() || tokens <= a.indexer().topK()
                  ? 0
                  : AttentionCost.scanFlops(a.indexer()) * pairs(tokens, 0));
    };
  }

  /** Score and sum of one token looking at one other: 2 H (nope + rope + value). */
  private static double pair(AttentionConfig.Latent a) {
    return 2.0 * a.heads() * (a.nopeDim() + a.ropeDim() + a.valueDim());
  }

  /** Pairs of a token and one that it looks at, itself included. */
  private static double pairs(int tokens, int limit) {
    double full = limit == 0 ? tokens : Math.min(tokens, limit);
    return full * (full + 1) / 2 + (tokens - full) * full;
  }
}
