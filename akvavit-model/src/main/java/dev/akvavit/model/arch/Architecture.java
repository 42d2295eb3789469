package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.model.WeightNames;
import java.util.List;

/** A family of models: how its config reads and where its tensors are. */
public interface Architecture extends WeightNames {
  /** Values of {@code model_type} that this family answers to. */
  List<String> modelTypes();

  /**
   * Reads every key that changes the mathematics.
   *
   * @param precision how a lightning indexer keeps its keys; families without one ignore it
   * @throws dev.akvavit.core.MalformedFileException when a key is missing or out of range
   * @throws dev.akvavit.core.UnsupportedModelException when a key asks for something this family
   *     does not compute
   */
  ModelConfig configure(ConfigSource c, IndexPrecision precision);
}
