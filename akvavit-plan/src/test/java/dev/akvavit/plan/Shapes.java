package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.NormConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import java.util.Collections;
import java.util.random.RandomGenerator;

/** Models for tests: the published attention shapes, and random ones. */
final class Shapes {
  private static final RopeConfig ROPE = new RopeConfig.Plain(10_000);

  private Shapes() {}

  static AttentionConfig.GroupedQuery grouped(int heads, int kvHeads, int dim) {
    return new AttentionConfig.GroupedQuery(
        heads, kvHeads, dim, ROPE, RopeStyle.HALVES, dim, 0, 0, false, false);
  }

  /** DeepSeek-V3's. */
  static AttentionConfig.Latent latent() {
    return new AttentionConfig.Latent(
        128, 1536, 512, 128, 64, 128, ROPE, RopeStyle.INTERLEAVED, 1, 1e-6f, null);
  }

  /** DeepSeek-V3.2's. */
  static AttentionConfig.SparseLatent sparse(IndexPrecision precision) {
    return new AttentionConfig.SparseLatent(
        latent(),
        new AttentionConfig.SparseLatent.Indexer(64, 128, 2048, 64, RopeStyle.HALVES, precision),
        false);
  }

  static PlannedModel model(AttentionConfig attention, int layers, int maxPositions) {
    return model(attention, layers, maxPositions, 1_000_000_000);
  }

  private static PlannedModel model(
      AttentionConfig attention, int layers, int maxPositions, long dense) {
    LayerConfig layer =
        new LayerConfig(
            attention, new FeedForwardConfig.Gated(1024, false), LayerConfig.Residual.SEQUENTIAL);
    ModelConfig config =
        new ModelConfig(
            "test",
            1000,
            512,
            maxPositions,
            new NormConfig(NormConfig.Kind.RMS, 1e-6f),
            false,
            false,
            Collections.nCopies(layers, layer));
    Parameters parameters = new Parameters(2L * 1000 * 512, 1_000_000, dense, 0, 0, 0);
    return new PlannedModel("test", config, parameters, 0);
  }

  static PlannedModel random(RandomGenerator random) {
    int kvHeads = 1 << random.nextInt(5);
    AttentionConfig attention =
        switch (random.nextInt(3)) {
          case 0 -> grouped(kvHeads * (1 + random.nextInt(8)), kvHeads, 64);
          case 1 -> latent();
          default -> sparse(IndexPrecision.values()[random.nextInt(2)]);
        };
    int positions = 100 + random.nextInt(1 << 18);
    return model(attention, 1 + random.nextInt(80), positions, random.nextLong(1L << 34));
  }
}
