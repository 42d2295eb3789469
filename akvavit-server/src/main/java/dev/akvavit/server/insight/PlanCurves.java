package dev.akvavit.server.insight;

import dev.akvavit.Planning;
import dev.akvavit.plan.CapacityPlanner;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.Scenario;
import dev.akvavit.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shape with each attention over contexts, every point by the planner.
 *
 * @param cacheBytes by mechanism, then by context: the cache of all users
 * @param bytesRead likewise: memory read for one generated token
 * @param flops likewise: operations for one generated token
 */
record PlanCurves(
    List<Integer> contexts,
    List<List<Double>> cacheBytes,
    List<List<Double>> bytesRead,
    List<List<Double>> flops) {
  private static final int SHORTEST = 256;

  /** One plan for each power of two up to the model's limit, and for the limit itself. */
  static PlanCurves of(Planning planning, Machine machine, Scenario scenario) {
    CapacityPlanner planner = new CapacityPlanner(planning.model(), machine);
    List<Integer> contexts = contexts(planning.model().config().maxPositions());
    PlanCurves curves =
        new PlanCurves(contexts, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int context : contexts) {
      Scenario at = scenario.withContext(context);
      PlanReport report = planning.report(machine, at);
      double slots = (double) planner.cacheBytes(at) / report.kvBytesPerToken();
      int own = report.contexts().indexOf(context);
      for (int i = 0; i < report.mechanisms().size(); i++) {
        PlanReport.Mechanism m = report.mechanisms().get(i);
        add(curves.cacheBytes, i, slots * m.kvBytesPerToken());
        add(curves.bytesRead, i, m.bytesRead());
        add(curves.flops, i, m.flops().get(own));
      }
    }
    return curves;
  }

  private static void add(List<List<Double>> lines, int line, double value) {
    if (line == lines.size()) {
      lines.add(new ArrayList<>());
    }
    lines.get(line).add(value);
  }

  private static List<Integer> contexts(int most) {
    List<Integer> contexts = new ArrayList<>();
    for (long context = Math.min(SHORTEST, most); context < most; context *= 2) {
      contexts.add((int) context);
    }
    contexts.add(most);
    return contexts;
  }

  Map<String, @Nullable Object> json() {
    return Json.object(
        "contexts", contexts, "cache_bytes", cacheBytes, "bytes_read", bytesRead, "flops", flops);
  }
}
