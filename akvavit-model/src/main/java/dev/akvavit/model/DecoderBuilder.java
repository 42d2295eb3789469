package dev.akvavit.model;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Backend;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import dev.akvavit.core.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a config and its weights to a {@link Decoder}. */
public final class DecoderBuilder {
  private DecoderBuilder() {}

  /**
   * @param names where the family keeps its tensors
   * @param cache laid out by {@code config.kvLayouts}
   * @param space sized for the largest step; activations are allocated in it
   * @throws dev.akvavit.core.MalformedFileException when a tensor is missing or has another shape
   */
  public static Decoder build(
      ModelConfig config,
      WeightNames names,
      Weights weights,
      Backend backend,
      KvCache cache,
      Workspace space) {
    Weight embedding = names.embedding(config, weights);
    Selection selection = selection(config, backend, space);
    List<Decoder.Layer> layers = new ArrayList<>();
    TypedWeights typed = new TypedWeights(weights);
    for (int i = 0; i < config.layers().size(); i++) {
      LayerConfig c = config.layers().get(i);
      Wiring wiring = new Wiring(backend, space, cache, i, selection);
      layers.add(
          new Decoder.Layer(
              names.attentionNorm(config, i, typed),
              Attentions.of(c.attention(), wiring, names, typed, config.hidden()),
              names.feedForwardNorm(config, i, typed),
              FeedForwards.of(c.feedForward(), wiring, names, typed, config.hidden()),
              c.residual() != LayerConfig.Residual.SEQUENTIAL));
    }
    Decoder.Parts parts =
        new Decoder.Parts(
            embedding,
            config.learnedPositions() ? names.positions(config, weights) : null,
            layers,
            names.outputNorm(config, weights),
            config.tiedEmbeddings() ? embedding : names.head(config, weights));
    boolean oneForm =
        layers.stream().noneMatch(l -> l.attention().attendsToPromptsApart())
            && typed.types().stream().noneMatch(backend::roundsPromptsApart);
    return new Decoder(backend, space, parts, oneForm);
  }

  /**
   * One selection for all layers: they run one after another, and shared layers want the last
   * one's.
   */
  private static @Nullable Selection selection(
      ModelConfig config, Backend backend, Workspace space) {
    for (LayerConfig layer : config.layers()) {
      if (layer.attention() instanceof AttentionConfig.SparseLatent sparse) {
        return backend.selection(space.tokens, sparse.indexer().topK());
      }
    }
    return null;
  }
}
