package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Batch;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.RouterConfig;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * One error that somebody could make, or has made, and the check that must notice it.
 *
 * @param ops damages what is computed
 * @param config damages what is built
 */
record Planted(
    String error, Catcher catcher, UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> config) {

  /**
   * A check that runs on a damaged model: it returns when all is well and throws when it noticed
   * something.
   */
  interface Catcher {
    void check(UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> config);
  }

  static Planted inOps(String error, Catcher catcher, UnaryOperator<Ops> ops) {
    return new Planted(error, catcher, ops, UnaryOperator.identity());
  }

  static Planted inConfig(String error, Catcher catcher, UnaryOperator<ModelConfig> config) {
    return new Planted(error, catcher, UnaryOperator.identity(), config);
  }

  /** The same change to every layer. */
  static UnaryOperator<ModelConfig> layers(UnaryOperator<LayerConfig> change) {
    return c ->
        new ModelConfig(
            c.modelType(),
            c.vocabulary(),
            c.hidden(),
            c.maxPositions(),
            c.norm(),
            c.learnedPositions(),
            c.tiedEmbeddings(),
            c.layers().stream().map(change).toList());
  }

  static UnaryOperator<ModelConfig> attention(UnaryOperator<AttentionConfig> change) {
    return layers(l -> new LayerConfig(change.apply(l.attention()), l.feedForward(), l.residual()));
  }

  static UnaryOperator<ModelConfig> router(UnaryOperator<RouterConfig> change) {
    return layers(l ->
        l.feedForward() instanceof FeedForwardConfig.MixtureOfExperts m
            ? new LayerConfig(
                l.attention(),
                new FeedForwardConfig.MixtureOfExperts(
                    change.apply(m.router()), m.width(), m.sharedWidth(), m.selectionBias()),
                l.residual())
            : l);
  }

  /** Runs with the batch's positions changed, and puts them back. */
  static void withPositions(Batch b, IntUnaryOperator change, Runnable step) {
    int[] saved = b.positions.clone();
    for (int t = 0; t < b.tokens(); t++) {
      b.positions[t] = Math.max(0, change.applyAsInt(saved[t]));
    }
    step.run();
    System.arraycopy(saved, 0, b.positions, 0, saved.length);
  }

  /** Runs with two entries of every page table exchanged or one repeated, and puts them back. */
  static void withPages(Batch b, int first, int second, Runnable step) {
    int[] saved = new int[2 * b.sequences()];
    for (int s = 0; s < b.sequences(); s++) {
      saved[2 * s] = b.pages[s][0];
      saved[2 * s + 1] = b.pages[s][1];
      b.pages[s][0] = saved[2 * s + first];
      b.pages[s][1] = saved[2 * s + second];
    }
    step.run();
    for (int s = 0; s < b.sequences(); s++) {
      b.pages[s][0] = saved[2 * s];
      b.pages[s][1] = saved[2 * s + 1];
    }
  }
}
