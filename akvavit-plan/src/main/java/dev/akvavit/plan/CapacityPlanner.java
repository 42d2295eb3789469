package dev.akvavit.plan;

import dev.akvavit.core.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * What fits where: budgets of a model on a machine, and the longest context and most users that
 * stay within its memory.
 *
 * <pre>
 *   need(U, C) = weights + cache(U, C) + activations(U) + runtime ≤ memory
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

  public CapacityPlanner(PlannedModel model, Machine machine) {
    this.model = model;
    this.machine = machine;
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
    return fits(s, cache(s));
  }

  /** Bytes of the cache's pages, as {@link dev.akvavit.core.KvCache} allocates them. */
  public long cacheBytes(Scenario s) {
    return cache(s).bytes(s);
  }

  /** Bytes of activations, as {@link dev.akvavit.core.Workspace} allocates them. */
  public long workspaceBytes(Scenario s) {
    PlannedShape shape = model.shape();
    return DType.F32.bytes(
        shape.activationElements() * s.stepRows() + shape.logitElements() * s.users());
  }

  /** The longest context that fits for as many users as the scenario has. */
  public LongestContext longestContext(Scenario s) {
    return longestContext(s, cache(s));
  }

  /** The most users that fit with the scenario's context; 0 when not one does. */
  public int mostUsers(Scenario s) {
    return mostUsers(s, cache(s));
  }

  int mostUsers(Scenario s, CacheSize cache) {
    return largest(Scenario.MOST_USERS, users -> fits(s.withUsers(users), cache));
  }

  LongestContext longestContext(Scenario s, CacheSize cache) {
    int max = model.shape().maxPositions();
    int pages =
        largest(
            Math.ceilDiv(max, s.pageSize()),
            n -> fits(s.withContext(whole(n, s.pageSize(), max)), cache));
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

  private boolean fits(Scenario s, CacheSize cache) {
    List<MemoryBudget.Part> others = new ArrayList<>();
    weights(s, others);
    activations(s, others);
    long need = Saturated.plus(MemoryBudget.of(others).bytes(), cache.bytes(s));
    return need <= machine.bytes();
  }

  CacheSize cache(Scenario s) {
    return CacheSize.of(model.shape().cache(s.cacheTypes()));
  }

  /**
   * A part of the weights.
   *
   * @param active parameters that are multiplied for one token
   */
  private record Group(String name, long parameters, long active, WeightType type) {}

  private List<Group> groups(Scenario s) {
    Parameters p = model.parameters();
    WeightType type = s.weights();
    long multiplied = Math.max(0, p.embedding() - model.shape().lookedUp());
    return List.of(
        new Group("embedding and head", p.embedding(), multiplied, type.ofEmbedding()),
        new Group("attention", p.attention(), p.attention(), type.ofDense()),
        new Group("dense", p.dense(), p.dense(), type.ofDense()),
        new Group("shared experts", p.shared(), p.shared(), type.ofDense()),
        new Group("routed experts", p.routed(), p.activeRouted(), type));
  }

  /** Bytes of the weights that one generated token is multiplied with, read once. */
  long activeWeightBytes(Scenario s) {
    return groups(s).stream()
        .mapToLong(
            g -> model.storedBytes() == 0 ? g.type().bytes(g.active()) : storedShare(g.active()))
        .sum();
  }

  /** Parameters that one generated token is multiplied with. */
  long multiplied(Scenario s) {
    return groups(s).stream().mapToLong(Group::active).sum();
  }

  private void weights(Scenario s, List<MemoryBudget.Part> out) {
    long left = model.storedBytes();
    for (Group part : groups(s)) {
      if (part.parameters() == 0) {
        continue;
      }
      WeightType type = part.type();
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
    List<CacheRow> rows = model.shape().cache(s.cacheTypes());
    for (CacheRow row : rows) {
      out.add(
          new MemoryBudget.Part(
              MemoryBudget.Kind.CACHE,
              row.plane(),
              CacheSize.of(List.of(row)).bytes(s.users(), s.tokens()),
              row.certainty(),
              String.format(
                  Locale.ROOT,
                  "%d layers x %s %s x %,d",
                  row.layers(),
                  row.shape(),
                  row.dtype(),
                  row.bytesPerToken() > 0 ? s.tokens() : s.users()),
              row.rule()));
    }
    CacheSize size = CacheSize.of(rows);
    long unused = s.pages() * s.pageSize() - s.tokens();
    out.add(
        new MemoryBudget.Part(
            MemoryBudget.Kind.CACHE,
            "page rounding",
            size.bytes(0, unused),
            rows.getFirst().certainty(),
            String.format(
                Locale.ROOT, "%,d pages of %d: %,d slots empty", s.pages(), s.pageSize(), unused),
            Formula.CACHE_PAGES));
  }

  private void activations(Scenario s, List<MemoryBudget.Part> out) {
    PlannedShape shape = model.shape();
    int rows = s.stepRows();
    out.add(
        new MemoryBudget.Part(
            MemoryBudget.Kind.STEPS,
            "activations",
            workspaceBytes(s),
            shape.isComputed() ? Certainty.EXACT : Certainty.ESTIMATED,
            String.format(
                Locale.ROOT,
                "4 B x (%,d x %,d + logits x %,d)",
                shape.activationElements(),
                rows,
                s.users()),
            Formula.ACTIVATIONS));
    long choices = shape.choicesPerToken() * rows;
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
}
