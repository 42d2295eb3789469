package dev.akvavit.core;

import java.util.function.BooleanSupplier;

/** From a ragged batch to rows of logits. All that the engine knows of neural networks. */
public interface Model {
  /**
   * Computes one step: writes the cache rows of every token and the logits of the rows that want
   * them.
   */
  void forward(Batch batch);

  /**
   * Computes a step for the sake of computing: no statistics count it, nobody reads its logits, and
   * it may end between two of its parts.
   *
   * @param goOn asked between them whether to compute the next
   */
  default void rehearse(Batch batch, BooleanSupplier goOn) {
    forward(batch);
  }

  /**
   * Copies row {@code row} of the last step's logits ({@code 0 <= row < batch.logits()}) to {@code
   * out[0 .. vocabulary]}.
   */
  void logits(int row, float[] out);

  int vocabulary();

  /**
   * Whether a generated token leaves the same bits in the cache as the same token in a prompt.
   * False when prompts are computed in another form (expanded MLA) or rounded otherwise ({@link
   * Backend#roundsPromptsApart}, {@link Backend#attendsToPromptsApart}): generated rows must then
   * not be shared as prefixes of prompts.
   */
  boolean generatedRowsMatchPrompt();
}
