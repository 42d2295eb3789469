package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import java.util.List;

/**
 * What a planner has to know of a model's graph: one that this engine computes, whose cache layouts
 * tell the bytes, or one of which only the published code is known.
 */
public sealed interface PlannedShape permits ConfiguredShape, CompressedShape {

  String modelType();

  int maxPositions();

  /** Embedding parameters of which one token reads a row and multiplies none. */
  long lookedUp();

  /** What is cached, kind by kind, with rows as {@code cacheTypes} say where there is a choice. */
  List<CacheRow> cache(CacheTypes cacheTypes);

  /** F32 elements of a step's buffers, for each token of it. */
  long activationElements();

  /** F32 elements more for each token whose logits are asked for. */
  long logitElements();

  /** Chosen tokens, experts and factors of one token, 4 bytes each. */
  long choicesPerToken();

  /** Whether this engine allocates and computes it; if not, figures are derived. */
  boolean isComputed();

  /** What readers of a plan must know of this shape. */
  List<String> notes();
}
