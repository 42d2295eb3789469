package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.LayerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * What fits where: budgets of a model on a machine, and the longest context and most users that
 * stay within its memory.
 *
 * <pre>
 *   need(U, C) = weights + pages(U, C) · 32 · bytes a token + activations(U) + runtime ≤ memory
 * </pre>
 *
 * <p>The need never shrinks when users or context grow, so both answers are found by halving.
 */
public final class CapacityPlanner {
  /** Heap, code and class data of a JVM that serves. */
  private static final long PROCESS_RESERVE = 512L << 20;

  /** A driver's context, loaded kernels and the workspaces of its libraries. */
  private static final long DEVICE_RESERVE = 1L << 30;

  private final PlannedModel model;
  private final Machine machine;
  private final Activations activations;

  public CapacityPlanner(PlannedModel model, Machine machine) {
    this.model = model;
    this.machine = machine;
    activations = new Activations(model.config());
  }

  public PlannedModel model() {
    return model;
  }

  public Machine machine() {
    return machine;
  }

  /**
   * The longest context of a number of users.
   *
   * @param tokens 0 when not even one page fits
   * @param limitedByModel whether memory would hold more than the model was made for
   */
  public record LongestContext(int tokens, boolean limitedByModel) {}

  /** What a scenario needs. */
  public MemoryBudget budget(Scenario s) {
    List<MemoryBudget.Part> parts = new ArrayList<>();
    weights(s, parts);
    cache(s, parts);
    activations(s, parts);
    return MemoryBudget.of(parts);
  }

  public boolean fits(Scenario s) {
    return fits(s, kvBytesPerToken(s));
  }

  /** Bytes of the cache's pages, as {@link dev.akvavit.core.KvCache} allocates them. */
  public long cacheBytes(Scenario s) {
    return cacheBytes(s, kvBytesPerToken(s));
  }

  /** Bytes of activations, as {@link dev.akvavit.core.Workspace} allocates them. */
  public long workspaceBytes(Scenario s) {
    return activations.bytes(s.stepRows(), s.users());
  }

  /** The longest context that fits for as many users as the scenario has. */
  public LongestContext longestContext(Scenario s) {
    return longestContext(s, kvBytesPerToken(s));
  }

  /** The most users that fit with the scenario's context; 0 when not one does. */
  public int mostUsers(Scenario s) {
    return mostUsers(s, kvBytesPerToken(s));
  }

  int mostUsers(Scenario s, long perToken) {
    return largest(Scenario.MOST_USERS, users -> fits(s.withUsers(users), perToken));
  }

  LongestContext longestContext(Scenario s, long perToken) {
    int max = model.config().maxPositions();
    int pages =
        largest(
            Math.ceilDiv(max, s.pageSize()),
            n -> fits(s.withContext(whole(n, s.pageSize(), max)), perToken));
    int tokens = whole(pages, s.pageSize(), max);
    return new LongestContext(tokens, tokens == max);
  }

  /** Tokens of full pages, at most the model's. */
  private static int whole(int pages, int pageSize, int max) {
    return (int) Math.min((long) pages * pageSize, max);
  }

  /** The largest of {@code 1 .. max} that passes, when all below it do; 0 for none. */
  private static int largest(int max, IntPredicate passes) {
    int good = 0;
    int bad = max + 1;
    while (bad - good > 1) {
      int middle = (good + bad) >>> 1;
      if (passes.test(middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return good;
  }

  private boolean fits(Scenario s, long perToken) {
    List<MemoryBudget.Part> others = new ArrayList<>();
    weights(s, others);
    activations(s, others);
    long need = Saturated.plus(MemoryBudget.of(others).bytes(), cacheBytes(s, perToken));
    return need <= machine.bytes();
  }

  static long cacheBytes(Scenario s, long perToken) {
    return Saturated.times(s.pages() * s.pageSize(), perToken);
  }

  long kvBytesPerToken(Scenario s) {
    return model.config().kvBytesPerToken(s.cacheType());
  }

  private void weights(Scenario s, List<MemoryBudget.Part> out) {
    Parameters p = model.parameters();
    record Named(String name, long parameters) {}
    List<Named> all =
        List.of(
            new Named("embedding and head", p.embedding()),
            new Named("attention", p.attention()),
            new Named("dense", p.dense()),
            new Named("shared experts", p.shared()),
            new Named("routed experts", p.routed()));
    long left = model.storedBytes();
    for (Named part : all) {
      if (part.parameters() == 0) {
        continue;
      }
      boolean embedding = part.name().startsWith("embedding");
      WeightType type = embedding && s.weights() == WeightType.FP8 ? WeightType.BF16 : s.weights();
      if (model.storedBytes() == 0) {
        long bytes = type.bytes(part.parameters());
        out.add(weight(part.name(), bytes, type.certainty(), type.formula(), type.rule()));
      } else {
        long bytes = Math.min(left, storedShare(part.parameters()));
        left -= bytes;
        out.add(
            weight(
                part.name(),
                bytes,
                Certainty.ESTIMATED,
                "its share of the files",
                Formula.WEIGHTS_STORED));
      }
    }
    if (left > 0) {
      out.add(
          weight(
              "rest of the files",
              left,
              Certainty.EXACT,
              "files - the parts above",
              Formula.WEIGHTS_STORED));
    }
  }

  private long storedShare(long parameters) {
    return (long) (model.storedBytes() * (parameters / (double) model.parameters().total()));
  }

  private static MemoryBudget.Part weight(
      String name, long bytes, Certainty certainty, String formula, Formula rule) {
    return new MemoryBudget.Part(MemoryBudget.Kind.WEIGHTS, name, bytes, certainty, formula, rule);
  }

  private void cache(Scenario s, List<MemoryBudget.Part> out) {
    for (CacheRow row : CacheRow.of(model.config(), s.cacheType())) {
      out.add(
          new MemoryBudget.Part(
              MemoryBudget.Kind.CACHE,
              row.plane(),
              Saturated.times(s.tokens(), row.bytesPerToken()),
              Certainty.EXACT,
              String.format(
                  Locale.ROOT,
                  "%d layers x %s %s x %,d",
                  row.layers(),
                  row.shape(),
                  row.dtype(),
                  s.tokens()),
              row.rule()));
    }
    long unused = s.pages() * s.pageSize() - s.tokens();
    out.add(
        new MemoryBudget.Part(
            MemoryBudget.Kind.CACHE,
            "page rounding",
            Saturated.times(unused, kvBytesPerToken(s)),
            Certainty.EXACT,
            String.format(
                Locale.ROOT, "%,d pages of %d: %,d slots empty", s.pages(), s.pageSize(), unused),
            Formula.CACHE_PAGES));
  }

  private void activations(Scenario s, List<MemoryBudget.Part> out) {
    int rows = s.stepRows();
    out.add(
        new MemoryBudget.Part(
            MemoryBudget.Kind.STEPS,
            "activations",
            workspaceBytes(s),
            Certainty.EXACT,
            String.format(
                Locale.ROOT,
                "4 B x (%,d x %,d + logits x %,d)",
                activations.elementsPerToken(),
                rows,
                s.users()),
            Formula.ACTIVATIONS));
    long choices = choicesPerToken() * rows;
    if (choices > 0) {
      out.add(
          new MemoryBudget.Part(
              MemoryBudget.Kind.STEPS,
              "selections",
              DType.I32.bytes(choices),
              Certainty.ESTIMATED,
              "4 B x (top-k + 2 x experts) x rows",
              Formula.SELECTIONS));
    }
    boolean gpus = machine.accelerators();
    out.add(
        new MemoryBudget.Part(
            MemoryBudget.Kind.RUNTIME,
            gpus ? "drivers" : "JVM",
            gpus ? DEVICE_RESERVE * machine.devices() : PROCESS_RESERVE,
            Certainty.ESTIMATED,
            gpus ? "1 GiB x " + machine.devices() + " devices" : "heap, code and classes: 512 MiB",
            gpus ? Formula.DRIVERS : Formula.PROCESS));
  }

  /** One selection for all layers; experts and their factors for each. */
  private long choicesPerToken() {
    long selected = 0;
    long routed = 0;
    for (LayerConfig layer : model.config().layers()) {
      if (layer.attention() instanceof AttentionConfig.SparseLatent a) {
        selected = a.indexer().topK();
      }
      if (layer.feedForward() instanceof FeedForwardConfig.MixtureOfExperts f) {
        routed += 2L * f.router().topK();
      }
    }
    return selected + routed;
  }
}
