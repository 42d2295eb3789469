package dev.akvavit.server.dialects;

import dev.akvavit.engine.EngineCounters;
import dev.akvavit.engine.EngineLimits;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.ArrayList;
import java.util.List;

/** {@code GET /slots}: how many requests each open model computes, and how many wait for it. */
public final class SlotList {
  private final ModelShelf shelf;

  public SlotList(ModelShelf shelf) {
    this.shelf = shelf;
  }

  /** All open models. */
  public void all(Call call) {
    List<Object> models = new ArrayList<>();
    shelf.eachOpen(lease -> {
      EngineLimits limits = lease.model().engine().limits();
      EngineCounters counters = lease.model().engine().counters();
      models.add(
          Json.object(
              "model", lease.name(),
              "slots", limits.maxSequences(),
              "running", Math.max(0, counters.admitted() - counters.queuedRequests()),
              "waiting", counters.queuedRequests(),
              "tokens_waiting", counters.queuedTokens(),
              "queue", limits.maxQueuedRequests(),
              "context_length", limits.maxContext(),
              "kv_tokens", (long) limits.pages() * limits.pageSize()));
    });
    call.answer(models);
  }
}
