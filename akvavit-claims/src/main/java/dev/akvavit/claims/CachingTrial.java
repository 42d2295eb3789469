package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The next token with a cache and without: one step of one token, or one of the whole text. The
 * cache stays zero, for dense attention takes as long whatever its rows hold.
 *
 * @param cached seconds, by context
 * @param recomputed seconds, by context
 */
record CachingTrial(List<Integer> contexts, double[] cached, double[] recomputed) {
  private static final int HEADS = 8;
  private static final int HEAD_DIM = 64;
  private static final int LAYERS = 4;
  private static final int LONGEST = 1024;

  static CachingTrial of(Laboratory lab) {
    return lab.once(CachingTrial.class, CachingTrial::measure);
  }

  static final String SUBJECT = LAYERS + " layers of MHA, " + HEADS + " heads, random weights";

  private static CachingTrial measure(Laboratory lab) {
    ModelConfig config =
        Reshaped.layers(
            lab.config("deepseek-v3"),
            Reshaped.grouped(HEADS, HEADS, HEAD_DIM),
            LAYERS,
            HEADS * HEAD_DIM,
            4 * HEADS * HEAD_DIM);
    List<Integer> contexts = AttentionSweep.doublings(64, LONGEST);
    double[] cached = new double[contexts.size()];
    double[] recomputed = new double[contexts.size()];
    try (Workbench bench = Workbench.random(config, DType.BF16, new Room(1, LONGEST, LONGEST))) {
      for (int i = 0; i < cached.length; i++) {
        int n = contexts.get(i);
        List<Chunk> one = List.of(new Chunk(0, new int[] {7}, n - 1, false));
        int[] ids = new SplittableRandom(2).ints(n, 0, config.vocabulary()).toArray();
        List<Chunk> all = List.of(new Chunk(0, ids, 0, true));
        double[] medians =
            lab.stopwatch()
                .medians(
                    Math.min(5, lab.effort().repetitions()),
                    List.of(() -> bench.step(one), () -> bench.step(all)));
        cached[i] = medians[0];
        recomputed[i] = medians[1];
      }
    }
    return new CachingTrial(contexts, cached, recomputed);
  }

  /** How many times longer the token takes without a cache, at the longest context. */
  double gain() {
    return recomputed[recomputed.length - 1] / cached[cached.length - 1];
  }
}
