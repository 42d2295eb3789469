package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.UnsupportedModelException;

/**
 * A model as a planner sees it: its shape and how many parameters it has.
 *
 * @param storedBytes bytes of the weight files; 0 when there are none to look at
 */
public record PlannedModel(
    String name, PlannedShape shape, Parameters parameters, long storedBytes) {

  /** A model that this engine computes. */
  public PlannedModel(String name, ModelConfig config, Parameters parameters, long storedBytes) {
    this(name, new ConfiguredShape(config), parameters, storedBytes);
  }

  /**
   * The config that this engine computes by.
   *
   * @throws UnsupportedModelException when it only plans the model
   */
  public ModelConfig config() {
    return switch (shape) {
      case ConfiguredShape c -> c.config();
      case CompressedShape c ->
          throw new UnsupportedModelException(
              name, "model_type", c.modelType(), "planning its memory, not running it");
    };
  }

  /** The same model under the name that people know. */
  public PlannedModel withName(String value) {
    return new PlannedModel(value, shape, parameters, storedBytes);
  }

  /** The same model as if none of its files were there. */
  public PlannedModel withoutFiles() {
    return new PlannedModel(name, shape, parameters, 0);
  }

  /** The same model with its index keys kept otherwise; itself when there is no choice. */
  public PlannedModel withIndexPrecision(IndexPrecision precision) {
    return shape instanceof ConfiguredShape c
        ? new PlannedModel(name, c.withIndexPrecision(precision), parameters, storedBytes)
        : this;
  }

  /** Whether its rows may be cached so. */
  boolean keeps(CacheTypes types) {
    return shape instanceof ConfiguredShape c
        && c.config().layers().stream().allMatch(l -> l.attention().keeps(types));
  }

  /** Whether some layer keeps index keys wider than FP8 and could do otherwise. */
  boolean keepsWideIndexKeys() {
    return shape instanceof ConfiguredShape c && c.keepsWideIndexKeys();
  }
}
