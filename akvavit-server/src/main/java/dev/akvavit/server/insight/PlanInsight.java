package dev.akvavit.server.insight;

import dev.akvavit.ModelOptions;
import dev.akvavit.Planning;
import dev.akvavit.Shapes;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.MemoryBudget;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.Remedy;
import dev.akvavit.plan.Scenario;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /akvavit/plan}: what {@code akvavit plan} says of a model or a well-known shape, and
 * the same over contexts, for curves.
 */
final class PlanInsight {
  private static final long MOST_GIB = 1 << 20;
  private static final double MOST_BANDWIDTH = 1e6; // GB/s

  private final ModelShelf shelf;

  PlanInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void plan(Call call) {
    Planning planning = planning(call);
    int most = planning.model().config().maxPositions();
    int context = (int) Query.whole(call, "context", 1, most, 0);
    int users = (int) Query.whole(call, "users", 1, Scenario.MOST_USERS, 1);
    CacheTypes cacheTypes = cacheTypes(call, planning);
    Machine machine = machine(call);
    Scenario scenario = planning.scenario(users, context, 0, cacheTypes);
    PlanReport report = planning.report(machine, scenario);
    call.answer(json(report, most, PlanCurves.of(planning, machine, scenario)));
  }

  /** A shape by its name; without one the model that the request names. */
  private Planning planning(Call call) {
    if (Query.given(call, "shape") != null) {
      String shape = Query.choice(call, "shape", Shapes.names());
      return Planning.ofShape(shape);
    }
    try (ModelShelf.Lease lease = shelf.use(Query.given(call, "model"))) {
      Planning planning = lease.model().planning();
      return new Planning(planning.model().withName(lease.name()), planning.weights());
    }
  }

  /** As {@code --kv-type}; rows of the model must be whole blocks of it. */
  private static CacheTypes cacheTypes(Call call, Planning planning) {
    String asked = Query.given(call, "kv");
    if (asked == null) {
      return ModelOptions.DEFAULT.cacheTypes();
    }
    try {
      CacheTypes types = CacheTypes.parse(asked, ModelOptions.DEFAULT.cacheTypes());
      planning.model().config().kvLayouts(types);
      return types;
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid("kv", Query.show(asked), String.valueOf(e.getMessage()));
    }
  }

  private static Machine machine(Call call) {
    long gib = Query.whole(call, "memory", 1, MOST_GIB, 0);
    double bandwidth = Query.positive(call, "bandwidth", MOST_BANDWIDTH);
    try {
      Machine machine = gib == 0 ? Machine.here() : Machine.pool(gib << 30);
      return machine.withBandwidth(bandwidth * 1e9);
    } catch (IllegalStateException e) {
      throw ApiError.invalid("memory", "none", "GiB, for this system does not tell its own");
    }
  }

  private static Map<String, @Nullable Object> json(PlanReport r, int most, PlanCurves curves) {
    return Json.object(
        "model", r.model(),
        "shapes", Shapes.names(),
        "parameters", r.totalParameters(),
        "active_parameters", r.activeParameters(),
        "machine", r.machine().name(),
        "memory", r.memory(),
        "context", r.scenario().context(),
        "max_context", most,
        "users", r.scenario().users(),
        "kv", r.scenario().cacheTypes().toString(),
        "fits", r.fits(),
        "need", r.need(),
        "room", r.room(),
        "kv_bytes_per_token", r.kvBytesPerToken(),
        "longest_context", r.longestContext().tokens(),
        "most_users", r.mostUsers(),
        "parts", r.parts().stream().map(PlanInsight::part).toList(),
        "remedies", r.remedies().stream().map(PlanInsight::remedy).toList(),
        "mechanisms", r.mechanisms().stream().map(PlanInsight::mechanism).toList(),
        "curves", curves.json(),
        "notes", r.notes());
  }

  private static Map<String, @Nullable Object> part(MemoryBudget.Part part) {
    return Json.object(
        "kind", part.kind().name().toLowerCase(Locale.ROOT),
        "name", part.name(),
        "bytes", part.bytes(),
        "certainty", part.certainty().toString(),
        "formula", part.formula());
  }

  private static Map<String, @Nullable Object> remedy(Remedy remedy) {
    return Json.object(
        "change", remedy.change(),
        "cost", remedy.cost(),
        "bytes", remedy.bytes(),
        "fits", remedy.fits());
  }

  private static Map<String, @Nullable Object> mechanism(PlanReport.Mechanism m) {
    return Json.object(
        "name", m.name(),
        "note", m.note(),
        "own", m.own(),
        "kv_bytes_per_token", m.kvBytesPerToken(),
        "longest_context", m.longestContext().tokens(),
        "bytes_read", m.bytesRead(),
        "tokens_per_second", Double.isNaN(m.tokensPerSecond()) ? null : m.tokensPerSecond());
  }
}
