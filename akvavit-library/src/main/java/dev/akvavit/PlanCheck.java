package dev.akvavit;

import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Sampling;
import dev.akvavit.plan.CapacityPlanner;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.MemoryBudget;
import dev.akvavit.plan.Scenario;
import java.nio.file.Path;

/**
 * A plan held against the machine: the model is opened as planned, one full step is computed, and
 * what was allocated is compared.
 *
 * @param cachePlanned bytes of the cache's pages
 * @param cacheAllocated the same as the open model has them
 * @param activationsPlanned bytes of the workspace
 * @param activationsAllocated the same as the open model has them
 * @param weightsPlanned bytes of the files
 * @param weightsRead as many of them as the step brought into memory; 0 where the system does not
 *     tell
 * @param totalPlanned weights, cache, activations, selections
 * @param processGrowth what the process holds more outside of its heap, compiled code and libraries
 * @param jvmPlanned the reserve for the JVM itself
 * @param jvmFound the rest of the process
 */
public record PlanCheck(
    long cachePlanned,
    long cacheAllocated,
    long activationsPlanned,
    long activationsAllocated,
    long weightsPlanned,
    long weightsRead,
    long totalPlanned,
    long processGrowth,
    long jvmPlanned,
    long jvmFound) {
  /** What a plan may be off in total. */
  public static final double TOLERANCE = 0.02;

  private static final int SHORT_STEP = 8;

  /**
   * Opens a folder or a GGUF file and compares.
   *
   * @throws CapacityException when memory cannot hold the scenario
   */
  public static PlanCheck of(Path path, Scenario scenario, IndexPrecision precision) {
    Machine any = Machine.pool(1L << 50); // what is needed does not depend on it
    CapacityPlanner planner =
        new CapacityPlanner(Planning.of(path.toString(), precision).model(), any);
    MemoryBudget budget = planner.budget(scenario);
    warmUp(path, planner, scenario, precision);
    ResidentMemory before = ResidentMemory.read(path);
    try (LanguageModel model = LanguageModel.open(path, options(planner, scenario, precision))) {
      compute(model, Math.min(scenario.context() - 1, scenario.stepTokens()));
      ResidentMemory after = ResidentMemory.read(path);
      long grown = after.weights() + after.allocated() - before.allocated();
      return new PlanCheck(
          planner.cacheBytes(scenario),
          model.cacheBytes(),
          planner.workspaceBytes(scenario),
          model.workspaceBytes(),
          budget.bytes(MemoryBudget.Kind.WEIGHTS),
          after.weights(),
          budget.bytes() - budget.bytes(MemoryBudget.Kind.RUNTIME),
          grown,
          budget.bytes(MemoryBudget.Kind.RUNTIME),
          after.total() - grown);
    }
  }

  /**
   * Loads and compiles what steps need, which is the JVM's and no part of the plan. Two pages in
   * short steps: the C library keeps what is freed and gives it out again, so that a larger model
   * here would make the planned one look smaller.
   */
  private static void warmUp(
      Path path, CapacityPlanner planner, Scenario s, IndexPrecision precision) {
    int tokens = Math.min(s.context(), 2 * s.pageSize());
    Scenario small =
        new Scenario(1, tokens, 0, s.cacheTypes(), s.weights(), s.pageSize(), SHORT_STEP);
    try (LanguageModel model = LanguageModel.open(path, options(planner, small, precision))) {
      compute(model, Math.max(1, tokens - 1));
    }
  }

  private static ModelOptions options(
      CapacityPlanner planner, Scenario s, IndexPrecision precision) {
    long perToken = planner.model().config().kvBytesPerToken(s.cacheTypes());
    return ModelOptions.DEFAULT
        .withContext(s.context())
        .withCacheTokens(Math.toIntExact(planner.cacheBytes(s) / perToken))
        .withCacheTypes(s.cacheTypes())
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

  /** Whether cache and workspace are what was planned, to the byte. */
  public boolean exact() {
    return cachePlanned == cacheAllocated && activationsPlanned == activationsAllocated;
  }

  /** Weights that were read, and what was allocated, which is filled with zeros at once. */
  public long totalFound() {
    return weightsRead + cacheAllocated + activationsAllocated;
  }

  /**
   * How much more than planned was read and allocated, of the plan; NaN where the system does not
   * tell. The growth of the process is no measure of a small model: the JVM's compiler works in
   * memory that comes and goes, some 3 to 20 MiB of it.
   */
  public double off() {
    return jvmFound == 0 ? Double.NaN : totalFound() / (double) totalPlanned - 1;
  }
}
