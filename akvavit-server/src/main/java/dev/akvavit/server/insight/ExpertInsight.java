package dev.akvavit.server.insight;

import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code GET /akvavit/experts}: tokens served by each routed expert, layer by layer. */
final class ExpertInsight {
  private final ModelShelf shelf;

  ExpertInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void look(Call call) {
    try (ModelShelf.Lease lease = shelf.use(Query.given(call, "model"))) {
      long[][] load = lease.model().expertLoad();
      List<Object> layers = new ArrayList<>();
      for (int layer = 0; layer < load.length; layer++) {
        if (load[layer].length > 0) {
          layers.add(
              Json.object(
                  "layer", layer, "load", load[layer], "most_by_mean", imbalance(load[layer])));
        }
      }
      call.answer(Json.object("model", lease.name(), "layers", layers));
    }
  }

  /** Load of the busiest expert by the mean load; 1 is even, and 0 stands for no load at all. */
  private static double imbalance(long[] load) {
    long sum = Arrays.stream(load).sum();
    long most = Arrays.stream(load).max().orElse(0);
    return sum == 0 ? 0 : (double) most * load.length / sum;
  }
}
