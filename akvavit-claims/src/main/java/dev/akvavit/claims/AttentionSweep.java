package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * One layer of each mechanism, timed against the context: a token generated, and for latent
 * attention a chunk of a prompt. The layers are an eighth of DeepSeek-V3.2 in heads, index heads
 * and top-k, so that every ratio of operations is V3.2's at eight times the context.
 *
 * @param tokens contexts of the decode curves
 * @param prompts contexts of the prompt curves, the chunk included
 * @param scale what contexts are multiplied by to be V3.2's
 */
record AttentionSweep(
    List<Mechanism> mechanisms, List<Integer> tokens, List<Integer> prompts, int scale) {
  static final String MHA = "MHA";
  static final String GQA = "GQA-2";
  static final String MQA = "MQA";
  static final String MLA = "MLA";
  static final String DSA = "MLA + DSA";

  static final int SCALE = 8;
  static final int CHUNK = 512;
  private static final int HIDDEN = 512;
  private static final int WIDTH = 64; // of the feed-forward, which is not what is measured
  private static final int FIRST_CONTEXT = 256;

  /**
   * One mechanism's curves.
   *
   * @param allocatedBytes of its cache
   * @param expectedBytes by its formula
   * @param decode seconds a token
   * @param prefill seconds a prompt token, in a chunk of {@value #CHUNK}; empty unless latent
   */
  record Mechanism(
      String name, long allocatedBytes, long expectedBytes, double[] decode, double[] prefill) {}

  static AttentionSweep of(Laboratory lab) {
    return lab.once(AttentionSweep.class, AttentionSweep::measure);
  }

  Mechanism mechanism(String name) {
    return mechanisms.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  /** What the layers are, for people. */
  String subject(Laboratory lab) {
    SparseLatent s = sparse(lab.config("deepseek-v3.2"));
    return String.format(
        "one layer, %d heads, index heads %d, top %d (deepseek-v3.2 / %d), random weights, F32"
            + " cache, median of %d",
        s.latent().heads(), s.indexer().heads(), s.indexer().topK(), scale, repetitions(lab));
  }

  private static int repetitions(Laboratory lab) {
    return lab.effort().repetitions();
  }

  private static SparseLatent sparse(ModelConfig v32) {
    if (v32.layers().getFirst().attention() instanceof SparseLatent s) {
      return Reshaped.narrowed(s, SCALE);
    }
    throw new IllegalArgumentException("deepseek-v3.2: found no indexer, allowed: MLA with DSA");
  }

  private record Subject(String name, Workbench bench, long expectedBytes) {}

  private static AttentionSweep measure(Laboratory lab) {
    ModelConfig like = lab.config("deepseek-v3.2");
    SparseLatent sparse = sparse(like);
    Latent latent = sparse.latent();
    int heads = latent.heads();
    int longest = Math.max(lab.effort().decodeContext(), lab.effort().promptContext());
    List<Subject> subjects = new ArrayList<>();
    try {
      for (var named :
          List.of(
              new Named(MHA, Reshaped.grouped(heads, heads, latent.valueDim())),
              new Named(GQA, Reshaped.grouped(heads, 2, latent.valueDim())),
              new Named(MQA, Reshaped.grouped(heads, 1, latent.valueDim())),
              new Named(MLA, latent),
              new Named(DSA, sparse))) {
        subjects.add(subject(like, named, longest));
      }
      return measure(lab, subjects);
    } finally {
      subjects.forEach(s -> s.bench().close());
    }
  }

  private record Named(String name, AttentionConfig attention) {}

  private static Subject subject(ModelConfig like, Named named, int context) {
    ModelConfig config = Reshaped.layers(like, named.attention(), 1, HIDDEN, WIDTH);
    Workbench bench = Workbench.random(config, DType.BF16, new Room(1, context, CHUNK));
    bench.fill(0, new SplittableRandom(1));
    return new Subject(named.name(), bench, expected(named.attention()) * context);
  }

  /** The published formulas, not the layouts. */
  private static long expected(AttentionConfig config) {
    long elements =
        switch (config) {
          case AttentionConfig.GroupedQuery a -> 2L * a.kvHeads() * a.headDim();
          case Latent a -> a.kvRank() + a.ropeDim();
          case SparseLatent a -> a.latent().kvRank() + a.latent().ropeDim() + a.indexer().dim();
        };
    return elements * Float.BYTES;
  }

  private static AttentionSweep measure(Laboratory lab, List<Subject> subjects) {
    List<Integer> tokens = contexts(lab);
    List<Integer> prompts = doublings(CHUNK, lab.effort().promptContext());
    List<Subject> latents =
        subjects.stream().filter(s -> s.name().equals(MLA) || s.name().equals(DSA)).toList();
    int[] chunk = new SplittableRandom(2).ints(CHUNK, 0, 256).toArray();
    double[][] decode = times(lab, tokens, subjects, repetitions(lab), new int[] {7}, false);
    double[][] prefill = times(lab, prompts, latents, Math.min(3, repetitions(lab)), chunk, true);
    List<Mechanism> found = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      Subject s = subjects.get(i);
      int l = latents.indexOf(s);
      found.add(
          new Mechanism(
              s.name(),
              s.bench().cacheBytes(),
              s.expectedBytes(),
              decode[i],
              l < 0 ? new double[0] : prefill[l]));
    }
    return new AttentionSweep(List.copyOf(found), tokens, prompts, SCALE);
  }

  /** Seconds a token {@code [subject][context]} of a step that ends at each context. */
  private static double[][] times(
      Laboratory lab,
      List<Integer> contexts,
      List<Subject> subjects,
      int repetitions,
      int[] ids,
      boolean prompt) {
    double[][] seconds = new double[subjects.size()][contexts.size()];
    for (int c = 0; c < contexts.size(); c++) {
      List<Chunk> step = List.of(new Chunk(0, ids, contexts.get(c) - ids.length, prompt));
      List<Runnable> runs =
          subjects.stream().map(s -> (Runnable) () -> s.bench().step(step)).toList();
      double[] medians = lab.stopwatch().medians(repetitions, runs);
      for (int s = 0; s < seconds.length; s++) {
        seconds[s][c] = medians[s] / ids.length;
      }
    }
    return seconds;
  }

  /** Doublings, and close to the top k, where sparse and dense meet, the middles between them. */
  private static List<Integer> contexts(Laboratory lab) {
    List<Integer> all = new ArrayList<>(doublings(FIRST_CONTEXT, lab.effort().decodeContext()));
    all.addAll(doublings(FIRST_CONTEXT * 3 / 2, Math.min(all.getLast(), FIRST_CONTEXT * 3)));
    all.sort(null);
    return List.copyOf(all);
  }

  static List<Integer> doublings(int first, int last) {
    return IntStream.iterate(first, n -> n <= last, n -> 2 * n).boxed().toList();
  }

  /**
   * The context from which {@code fast} stays below {@code slow}, by a straight line between two
   * measured ones; NaN when it is above at the last.
   */
  static double crossover(List<Integer> contexts, double[] slow, double[] fast) {
    int last = contexts.size() - 1;
    if (fast[last] >= slow[last]) {
      return Double.NaN;
    }
    int i = last;
    while (i > 0 && fast[i - 1] < slow[i - 1]) {
      i--;
    }
    if (i == 0) {
      return contexts.getFirst();
    }
    double before = fast[i - 1] - slow[i - 1];
    double after = slow[i] - fast[i];
    int from = contexts.get(i - 1);
    return from + (contexts.get(i) - from) * before / (before + after);
  }
}
