package dev.akvavit.server.insight;

import dev.akvavit.server.http.Route;
import dev.akvavit.server.models.ModelShelf;
import java.util.List;

/**
 * The rows under {@code /akvavit}, each behind the key like all others; docs/page.md tells them.
 */
public final class InsightRoutes {
  private InsightRoutes() {}

  /** A row for each view. */
  public static List<Route> of(ModelShelf shelf) {
    return List.of(
        Route.get("/akvavit/defaults", new ModelInsight(shelf)::describe),
        Route.get("/akvavit/cache", new CacheInsight(shelf)::look),
        Route.get("/akvavit/experts", new ExpertInsight(shelf)::look),
        Route.post("/akvavit/tokens", new TokenInsight(shelf)::cut),
        Route.post("/akvavit/selection", new SelectionInsight(shelf)::compute),
        Route.get("/akvavit/plan", new PlanInsight(shelf)::plan));
  }
}
