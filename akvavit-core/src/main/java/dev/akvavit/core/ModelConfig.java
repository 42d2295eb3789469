package dev.akvavit.core;

import java.util.List;

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

  public ModelConfig {
    Require.positive("vocab_size", vocabulary);
    Require.positive("hidden_size", hidden);
    Require.positive("max_position_embeddings", maxPositions);
    layers = List.copyOf(layers);
    Require.that(!layers.isEmpty(), "num_hidden_layers 0 must be positive");
  }

  /** One layout a layer, in order. */
  public List<KvLayout> kvLayouts(DType cacheType) {
    return layers.stream().map(l -> l.attention().kvLayout(cacheType)).toList();
  }

  /** Bytes that one token occupies in the whole cache. */
  public long kvBytesPerToken(DType cacheType) {
    return kvLayouts(cacheType).stream().mapToLong(KvLayout::bytesPerToken).sum();
  }
}
