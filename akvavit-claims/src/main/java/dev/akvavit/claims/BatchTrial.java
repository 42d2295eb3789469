package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * As many sequences as a given memory holds, all decoded in one step: what throughput a smaller
 * cache buys. The cache stays zero, for dense attention takes as long whatever its rows hold.
 */
record BatchTrial(List<Mechanism> mechanisms) {
  static final String MHA = "MHA";
  static final String GQA = "GQA-8";
  static final String MLA = "MLA";

  static final long CACHE_BYTES = 128L << 20;
  static final int CONTEXT = 1024;
  private static final int HEADS = 16;
  private static final int LAYERS = 2;
  private static final int HIDDEN = 1024;
  private static final int WIDTH = 8192;

  static final String SUBJECT =
      LAYERS + " layers, " + HEADS + " heads of 128, random weights, contexts of " + CONTEXT;

  /**
   * One of equal shape.
   *
   * @param sequences that fit
   * @param tokensPerSecond of all of them together
   */
  record Mechanism(String name, int sequences, double tokensPerSecond) {}

  static BatchTrial of(Laboratory lab) {
    return lab.once(BatchTrial.class, BatchTrial::measure);
  }

  Mechanism mechanism(String name) {
    return mechanisms.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private static BatchTrial measure(Laboratory lab) {
    ModelConfig v2 = lab.config("deepseek-v2");
    Latent latent = Reshaped.narrowed(Reshaped.latent(v2), Reshaped.latent(v2).heads() / HEADS);
    int dim = latent.valueDim();
    List<String> names = List.of(MHA, GQA, MLA);
    List<AttentionConfig> attentions =
        List.of(Reshaped.grouped(HEADS, HEADS, dim), Reshaped.grouped(HEADS, 8, dim), latent);
    List<Workbench> benches = new ArrayList<>();
    try {
      List<Runnable> steps = new ArrayList<>();
      List<Integer> batches = new ArrayList<>();
      for (AttentionConfig a : attentions) {
        ModelConfig config = Reshaped.layers(v2, a, LAYERS, HIDDEN, WIDTH);
        long each = config.kvBytesPerToken(DType.F32) * CONTEXT;
        int fit = Math.toIntExact(CACHE_BYTES / each);
        Workbench bench =
            Workbench.random(config, DType.BF16, new Room(fit, CONTEXT, Math.max(fit, 256)));
        benches.add(bench);
        List<Chunk> step =
            IntStream.range(0, fit)
                .mapToObj(s -> new Chunk(s, new int[] {s}, CONTEXT - 1, false))
                .toList();
        steps.add(() -> bench.step(step));
        batches.add(fit);
      }
      double[] seconds = lab.stopwatch().medians(lab.effort().repetitions(), steps);
      return new BatchTrial(
          IntStream.range(0, names.size())
              .mapToObj(
                  i -> new Mechanism(names.get(i), batches.get(i), batches.get(i) / seconds[i]))
              .toList());
    } finally {
      benches.forEach(Workbench::close);
    }
  }
}
