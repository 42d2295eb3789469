package dev.akvavit;

import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Sampling;
import dev.akvavit.plan.CapacityPlanner;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.MemoryBudget;
import dev.akvavit.plan.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A plan held against the machine: the model is opened as planned, one full step is computed, and
 * what was allocated is compared.
 *
 * @param cachePlanned bytes of the cache's pages
 * @param cacheAllocated the same as the open model has them
 * @param activationsPlanned bytes of the workspace
 * @param activationsAllocated the same as the open model has them
 * @param totalPlanned weights, cache, activations; the JVM's reserve is left out, for its growth is
 *     {@code heapGrowth}
 * @param residentGrowth how much the process grew, its Java heap left out; 0 where the system does
 *     not tell
 * @param heapGrowth how much the Java heap grew meanwhile
 */
public record PlanCheck(
    long cachePlanned,
    long cacheAllocated,
    long activationsPlanned,
    long activationsAllocated,
    long totalPlanned,
    long residentGrowth,
    long heapGrowth) {
  /** What a plan may be off in total. */
  public static final double TOLERANCE = 0.02;

  /**
   * Opens a folder and compares.
   *
   * @throws CapacityException when memory cannot hold the scenario
   */
  public static PlanCheck of(Path folder, Scenario scenario, IndexPrecision precision) {
    Machine any = Machine.pool(1L << 50); // what is needed does not depend on it
    CapacityPlanner planner =
        new CapacityPlanner(Planning.of(folder.toString(), precision).model(), any);
    MemoryBudget budget = planner.budget(scenario);
    warmUp(folder, planner, scenario, precision);
    long heapBefore = committedHeap();
    long before = residentBytes();
    try (LanguageModel model = LanguageModel.open(folder, options(planner, scenario, precision))) {
      compute(model, Math.min(scenario.context() - 1, scenario.stepTokens()));
      long grown = residentBytes() - before;
      long heap = committedHeap() - heapBefore;
      return new PlanCheck(
          planner.cacheBytes(scenario),
          model.cacheBytes(),
          planner.workspaceBytes(scenario),
          model.workspaceBytes(),
          budget.bytes() - budget.bytes(MemoryBudget.Kind.RUNTIME),
          before == 0 ? 0 : grown - Math.max(0, heap),
          heap);
    }
  }

  /**
   * Loads and compiles what steps need, which is the JVM's and no part of the plan; in short steps,
   * for the allocator keeps what is freed.
   */
  private static void warmUp(
      Path folder, CapacityPlanner planner, Scenario s, IndexPrecision precision) {
    int tokens = Math.min(s.context(), s.stepTokens() + 1);
    Scenario small =
        new Scenario(1, tokens, 0, s.cacheType(), s.weights(), s.pageSize(), s.pageSize());
    try (LanguageModel model = LanguageModel.open(folder, options(planner, small, precision))) {
      compute(model, tokens - 1);
    }
  }

  private static ModelOptions options(
      CapacityPlanner planner, Scenario s, IndexPrecision precision) {
    long perToken = planner.model().config().kvBytesPerToken(s.cacheType());
    return ModelOptions.DEFAULT
        .withContext(s.context())
        .withCacheTokens(Math.toIntExact(planner.cacheBytes(s) / perToken))
        .withCacheType(s.cacheType())
        .withIndexPrecision(precision)
        .withMaxTokensPerStep(s.stepTokens())
        .withMaxSequences(s.users());
  }

  /** Ids from all over the vocabulary, so that every expert and most of the table are touched. */
  private static void compute(LanguageModel model, int tokens) {
    int[] prompt = new int[Math.max(1, tokens)];
    int vocabulary = model.config().vocabulary();
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = (int) ((long) i * vocabulary / prompt.length);
    }
    model
        .generate(prompt, GenerationOptions.GREEDY.withSampling(Sampling.GREEDY).withMaxTokens(1))
        .text();
  }

  private static long committedHeap() {
    return Runtime.getRuntime().totalMemory();
  }

  private static long residentBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      return 0; // not Linux
    }
    return 0;
  }

  /** Whether cache and workspace are what was planned, to the byte. */
  public boolean exact() {
    return cachePlanned == cacheAllocated && activationsPlanned == activationsAllocated;
  }

  /** How much more the process grew than planned, of the plan; NaN when not known. */
  public double off() {
    return residentGrowth == 0 ? Double.NaN : residentGrowth / (double) totalPlanned - 1;
  }
}
