package dev.akvavit.model;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;

/**
 * Looks on while a step is computed: for verification, displays and measurements. Called on the
 * engine's thread.
 */
public interface Observer {
  /** Sees nothing. */
  Observer NONE = new Observer() {};

  /** The residual stream {@code [tokens, 1, hidden]} before layer {@code layer}. */
  default void hidden(int layer, Tensor x, Batch batch) {}

  /** What a sparse layer attended to. */
  default void selection(int layer, Selection selection, Batch batch) {}

  /** The rows whose logits were wanted {@code [logits, 1, hidden]}, after the last norm. */
  default void output(Tensor last, Batch batch) {}
}
