package dev.akvavit.model;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/** RMS norm, or LayerNorm when there is a bias. */
public record Norm(Weight gain, @Nullable Weight bias, float eps) {
  void apply(Ops ops, Tensor out, Tensor x) {
    if (bias == null) {
      ops.rmsNorm(out, x, gain, eps);
    } else {
      ops.layerNorm(out, x, gain, bias, eps);
    }
  }
}
