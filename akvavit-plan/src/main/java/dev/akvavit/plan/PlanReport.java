package dev.akvavit.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that a plan says, as values: people and programs get the same.
 *
 * @param need of all parts
 * @param room memory left; negative when the scenario does not fit
 * @param kvBytesPerToken that each token adds, rounded down
 * @param kvBytesPerUser that each user takes whatever the context
 * @param longestContext for the scenario's users
 * @param mostUsers with the scenario's context
 * @param remedies changes that make it smaller; empty when it fits
 * @param mechanisms the same shape with each attention
 * @param contexts of {@link Mechanism#flops}, in tokens
 * @param curves of the mechanisms, over contexts up to the model's own
 * @param deployment null where this engine does not run: on GPUs, or a model that it only plans
 */
public record PlanReport(
    String model,
    String modelType,
    Parameters parameters,
    long totalParameters,
    long activeParameters,
    Machine machine,
    Scenario scenario,
    List<MemoryBudget.Part> parts,
    long need,
    long memory,
    long room,
    boolean fits,
    List<CacheRow> cache,
    long kvBytesPerToken,
    long kvBytesPerUser,
    CapacityPlanner.LongestContext longestContext,
    int mostUsers,
    List<Remedy> remedies,
    List<Integer> contexts,
    List<Mechanism> mechanisms,
    List<Curve> curves,
    @Nullable Deployment deployment,
    List<String> notes) {

  /**
   * One attention mechanism on this shape, weights as planned.
   *
   * @param bytesRead for one generated token at the scenario's context: active weights once, and
   *     cached rows
   * @param tokensPerSecond that memory allows one user at most; NaN when the bandwidth is not known
   * @param flops for one generated token at each of the report's contexts
   */
  public record Mechanism(
      String name,
      String note,
      boolean own,
      long kvBytesPerToken,
      CapacityPlanner.LongestContext longestContext,
      double bytesRead,
      double tokensPerSecond,
      List<Double> flops) {}

  /** Plans a scenario. */
  public static PlanReport of(CapacityPlanner planner, Scenario s) {
    PlannedModel model = planner.model();
    Machine machine = planner.machine();
    MemoryBudget budget = planner.budget(s);
    boolean fits = planner.fits(s);
    List<Integer> contexts = contexts(s.context(), model.shape().maxPositions());
    CacheSize cache = planner.cache(s);
    return new PlanReport(
        model.name(),
        model.shape().modelType(),
        model.parameters(),
        model.parameters().total(),
        model.parameters().active(),
        machine,
        s,
        budget.parts(),
        budget.bytes(),
        machine.bytes(),
        machine.bytes() - budget.bytes(),
        fits,
        model.shape().cache(s.cacheTypes()),
        (long) cache.bytesPerToken(),
        cache.bytesPerUser(),
        planner.longestContext(s),
        planner.mostUsers(s),
        fits ? List.of() : Remedy.of(planner, s),
        contexts,
        mechanisms(planner, s, contexts),
        curves(planner, s),
        machine.accelerators() || !model.shape().isComputed() ? null : Deployment.of(budget),
        notes(planner, s));
  }

  private static List<Mechanism> mechanisms(
      CapacityPlanner planner, Scenario s, List<Integer> contexts) {
    double weights = planner.activeWeightBytes(s);
    double linear = 2.0 * planner.multiplied(s);
    List<Mechanism> all = new ArrayList<>();
    for (Variant v : Variant.of(planner.model().shape(), s.cacheTypes())) {
      double read = weights + v.bytesRead(s.context());
      all.add(
          new Mechanism(
              v.name(),
              v.note(),
              v.own(),
              (long) v.cache().bytesPerToken(),
              planner.longestContext(s, v.cache()),
              read,
              planner.machine().ceiling(read),
              contexts.stream().map(c -> linear + v.flops(c)).toList()));
    }
    return List.copyOf(all);
  }

  private static List<Curve> curves(CapacityPlanner planner, Scenario s) {
    double weights = planner.activeWeightBytes(s);
    List<Curve> all = new ArrayList<>();
    for (Variant v : Variant.of(planner.model().shape(), s.cacheTypes())) {
      CacheSize cache = v.cache();
      List<Curve.Point> points = new ArrayList<>();
      for (int context : Curve.contexts(planner.model().shape().maxPositions())) {
        Scenario at = s.withContext(context);
        points.add(
            new Curve.Point(
                context,
                cache.bytes(at.withUsers(1)),
                planner.mostUsers(at, cache),
                planner.machine().ceiling(weights + v.bytesRead(context))));
      }
      all.add(new Curve(v.name(), v.own(), points));
    }
    return List.copyOf(all);
  }

  private static List<Integer> contexts(int own, int max) {
    TreeSet<Integer> all = new TreeSet<>(List.of(own));
    for (int c : new int[] {1024, 8192, 32_768, 131_072}) {
      if (c <= max) {
        all.add(c);
      }
    }
    return List.copyOf(all);
  }

  private static List<String> notes(CapacityPlanner planner, Scenario s) {
    PlannedShape shape = planner.model().shape();
    List<String> notes = new ArrayList<>(shape.notes());
    if (planner.machine().accelerators()) {
      notes.add(
          "GPUs are planned for, not run on: this engine computes on processors."
              + (shape.isComputed() ? " What it would allocate there is the same." : ""));
    }
    if (planner.machine().devices() > 1) {
      notes.add(
          "Memory of all devices is one sum: weights and cache spread evenly. Tensor parallel"
              + " attention that keeps the latent on every device would multiply the MLA cache.");
    }
    return List.copyOf(notes);
  }
}
