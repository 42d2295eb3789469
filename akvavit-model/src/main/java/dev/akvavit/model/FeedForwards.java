package dev.akvavit.model;

import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.Weights;

/** The registration of feed-forwards, as {@link Attentions} is of attention. */
final class FeedForwards {
  private FeedForwards() {}

  static FeedForward of(
      FeedForwardConfig config, Wiring wiring, WeightNames names, Weights weights, int hidden) {
    int layer = wiring.layer();
    return switch (config) {
      case FeedForwardConfig.Gated c ->
          new GatedFeedForward(names.gated(c, layer, hidden, weights), wiring);
      case FeedForwardConfig.Plain c ->
          new PlainFeedForward(c, names.plain(c, layer, hidden, weights), wiring);
      case FeedForwardConfig.MixtureOfExperts c ->
          new DeepSeekMoe(c, names.mixture(c, layer, hidden, weights), wiring);
    };
  }
}
