package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** A graph that this engine computes: its config says everything. */
public record ConfiguredShape(ModelConfig config) implements PlannedShape {

  @Override
  public String modelType() {
    return config.modelType();
  }

  @Override
  public int maxPositions() {
    return config.maxPositions();
  }

  @Override
  public long lookedUp() {
    return config.tiedEmbeddings() ? 0 : (long) config.vocabulary() * config.hidden();
  }

  @Override
  public List<CacheRow> cache(CacheTypes cacheTypes) {
    return CacheRow.of(config, cacheTypes);
  }

  @Override
  public long activationElements() {
    return new Activations(config).elementsPerToken();
  }

  @Override
  public long logitElements() {
    return (long) config.hidden() + config.vocabulary();
  }

  /** One selection for all layers; experts and their factors for each. */
  @Override
  public long choicesPerToken() {
    long selected = 0;
    long routed = 0;
    for (LayerConfig layer : config.layers()) {
      if (layer.attention() instanceof AttentionConfig.SparseLatent a) {
        selected = a.indexer().topK();
      }
      if (layer.feedForward() instanceof FeedForwardConfig.MixtureOfExperts f) {
        routed += 2L * f.router().topK();
      }
    }
    return selected + routed;
  }

  @Override
  public boolean isComputed() {
    return true;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "DSA saves bandwidth and arithmetic, not capacity: every row stays in the cache, and its"
            + " index keys come on top.");
    if (config.layers().stream().anyMatch(l -> l.attention().mechanism().contains("window"))) {
      notes.add(
          "A sliding window saves reading here, not capacity: pages are kept for all tokens.");
    }
    return List.copyOf(notes);
  }

  /** The same graph with its index keys kept otherwise; equal to this one when it has none. */
  ConfiguredShape withIndexPrecision(IndexPrecision precision) {
    List<LayerConfig> layers =
        config.layers().stream()
            .map(l ->
                new LayerConfig(
                    withPrecision(l.attention(), precision), l.feedForward(), l.residual()))
            .toList();
    return new ConfiguredShape(
        new ModelConfig(
            config.modelType(),
            config.vocabulary(),
            config.hidden(),
            config.maxPositions(),
            config.norm(),
            config.learnedPositions(),
            config.tiedEmbeddings(),
            layers));
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
