package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.LanguageModel;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.plan.DecodeTraffic;
import org.junit.jupiter.api.Test;

class DecodeTrafficTest {

  @Test
  void sparseAttentionReadsAllIndexKeysAndTheSelectedRows() {
    try (LanguageModel model = LanguageModel.open(DefaultModel.folder())) {
      double empty = bytes(model, 0);
      var p = model.summary().parameters();
      assertThat(empty)
          .as("all but twelve of sixteen routed experts, a byte a parameter, and their factors")
          .isCloseTo(model.weights().bytes() - 0.75 * p.routed(), within(1e-3 * empty));
      int layers = 10;
      int indexKey = 64 * 4;
      int latent = (128 + 32) * 4;
      assertThat(bytes(model, 100) - empty).isEqualTo(layers * 100.0 * (indexKey + latent));
      assertThat(bytes(model, 1000) - empty)
          .isEqualTo(layers * (1000.0 * indexKey + 256.0 * latent));
    }
  }

  private static double bytes(LanguageModel model, int depth) {
    return DecodeTraffic.bytes(
        model.config(), model.weights().bytesAToken(), CacheTypes.of(DType.F32), depth);
  }
}
