package dev.akvavit.model;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One layer's attention: reads {@code x}, writes its own cache planes, leaves the result in {@code
 * out}.
 */
public interface Attention {
  /** Both {@code [tokens, 1, hidden]}. */
  void forward(Tensor out, Tensor x, Batch batch);

  /**
   * Whether a prompt's token may get other bits than the same token when it was generated, weights
   * aside: by another form, or because the backend tells them apart.
   */
  boolean attendsToPromptsApart();

  /** What the last step selected, for mechanisms that select; else null. */
  default @Nullable Selection selection() {
    return null;
  }
}
