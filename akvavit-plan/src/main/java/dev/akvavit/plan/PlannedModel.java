package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.List;

/**
 * A model as a planner sees it: its config and how many parameters it has.
 *
 * @param storedBytes bytes of the weight files; 0 when there are none to look at
 */
public record PlannedModel(
    String name, ModelConfig config, Parameters parameters, long storedBytes) {

  /** The same model under the name that people know. */
  public PlannedModel withName(String value) {
    return new PlannedModel(value, config, parameters, storedBytes);
  }

  /** The same model with its index keys kept otherwise; itself when it has none. */
  public PlannedModel withIndexPrecision(IndexPrecision precision) {
    List<LayerConfig> layers =
        config.layers().stream()
            .map(l ->
                new LayerConfig(
                    withPrecision(l.attention(), precision), l.feedForward(), l.residual()))
            .toList();
    ModelConfig changed =
        new ModelConfig(
            config.modelType(),
            config.vocabulary(),
            config.hidden(),
            config.maxPositions(),
            config.norm(),
            config.learnedPositions(),
            config.tiedEmbeddings(),
            layers);
    return new PlannedModel(name, changed, parameters, storedBytes);
  }

  private static AttentionConfig withPrecision(AttentionConfig config, IndexPrecision precision) {
    if (!(config instanceof AttentionConfig.SparseLatent sparse)) {
      return config;
    }
    AttentionConfig.SparseLatent.Indexer i = sparse.indexer();
    return new AttentionConfig.SparseLatent(
        sparse.latent(),
        new AttentionConfig.SparseLatent.Indexer(
            i.heads(), i.dim(), i.topK(), i.ropeDim(), i.ropeStyle(), precision),
        sparse.sharesSelection());
  }

  /** Whether some layer keeps index keys wider than FP8. */
  boolean keepsWideIndexKeys() {
    return config.layers().stream()
        .anyMatch(l ->
            l.attention() instanceof AttentionConfig.SparseLatent s
                && !s.sharesSelection()
                && s.indexer().precision() == IndexPrecision.EXACT);
  }
}
