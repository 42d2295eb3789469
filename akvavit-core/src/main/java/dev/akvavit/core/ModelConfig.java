package dev.akvavit.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All that a decoder is built from besides its weights, and all that a planner needs.
 *
 * @param modelType Hugging Face's {@code model_type}
 * @param maxPositions longest context the model was made for, in tokens
 * @param learnedPositions whether a table of position embeddings is added to the token's (GPT-2)
 * @param tiedEmbeddings whether the output head is the embedding table
 */
public record ModelConfig(
    String modelType,
    int vocabulary,
    int hidden,
    int maxPositions,
    NormConfig norm,
    boolean learnedPositions,
    boolean tiedEmbeddings,
    List<LayerConfig> layers) {

  /** More layers than any model has, and so few that a wrong figure in a file costs no time. */
  public static final int MOST_LAYERS = 10_000;

  public ModelConfig {
    Require.positive("vocab_size", vocabulary);
    Require.positive("hidden_size", hidden);
    Require.positive("max_position_embeddings", maxPositions);
    layers = List.copyOf(layers);
    Require.that(!layers.isEmpty(), "num_hidden_layers 0 must be positive");
  }

  /** One layout a layer, in order, with rows of one type. */
  public List<KvLayout> kvLayouts(DType rows) {
    return kvLayouts(CacheTypes.of(rows));
  }

  /**
   * One layout a layer, in order.
   *
   * @throws IllegalArgumentException when a plane is named that no layer has, or its rows are no
   *     whole blocks of its type
   */
  public List<KvLayout> kvLayouts(CacheTypes types) {
    types.requireAmong(cachePlanes());
    return layers.stream().map(l -> l.attention().kvLayout(types)).toList();
  }

  /** Names of planes whose type can be chosen, of all layers. */
  public Set<String> cachePlanes() {
    Set<String> planes = new LinkedHashSet<>();
    layers.forEach(l -> planes.addAll(l.attention().cachePlanes()));
    return planes;
  }

  /** Bytes that one token occupies in the whole cache, with rows of one type. */
  public long kvBytesPerToken(DType rows) {
    return kvBytesPerToken(CacheTypes.of(rows));
  }

  /** Bytes that one token occupies in the whole cache. */
  public long kvBytesPerToken(CacheTypes types) {
    return kvLayouts(types).stream().mapToLong(KvLayout::bytesPerToken).sum();
  }
}
