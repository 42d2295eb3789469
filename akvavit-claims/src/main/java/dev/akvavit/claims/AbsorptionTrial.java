package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One text computed twice by the same weights: as a prompt, whose keys and values are expanded from
 * the latents, and as generated tokens, whose queries absorb the matrices instead.
 *
 * @param difference of the last logits, largest over largest
 */
record AbsorptionTrial(double difference) {
  static final int TOKENS = 128;
  static final int LAYERS = 3;

  static AbsorptionTrial of(Laboratory lab) {
    return lab.once(AbsorptionTrial.class, AbsorptionTrial::measure);
  }

  private static AbsorptionTrial measure(Laboratory lab) {
    ModelConfig like = lab.config("deepseek-v3");
    ModelConfig config =
        Reshaped.layers(like, Reshaped.narrowed(Reshaped.latent(like), 16), LAYERS, 512, 512);
    int[] ids = new SplittableRandom(3).ints(TOKENS, 0, config.vocabulary()).toArray();
    try (Workbench bench = Workbench.random(config, DType.F32, new Room(1, TOKENS, TOKENS))) {
      bench.step(List.of(new Chunk(0, ids, 0, true)));
      float[] expanded = bench.logits(0);
      bench.step(List.of(new Chunk(0, ids, 0, false)));
      return new AbsorptionTrial(difference(expanded, bench.logits(0)));
    }
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
      largest = Math.max(largest, Math.abs(a[i]));
    }
    return most / largest;
  }
}
