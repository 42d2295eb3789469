package dev.akvavit.model;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/** {@code out = W x + b}; most models have no {@code b}. */
public record Linear(Weight weight, @Nullable Weight bias) {
  void apply(Ops ops, Tensor out, Tensor x) {
    ops.matmul(out, x, weight);
    if (bias != null) {
      ops.addBias(out, bias);
    }
  }
}
