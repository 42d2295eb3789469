package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/models} and {@code /v1/models/{model}}; what is open tells more of itself. */
public final class ModelList {
  private final ModelShelf shelf;
  private final long started = Instant.now().getEpochSecond();

  public ModelList(ModelShelf shelf) {
    this.shelf = shelf;
  }

  /** All models. */
  public void all(Call call) {
    List<Object> models = new ArrayList<>();
    for (String name : shelf.names()) {
      models.add(describe(name));
    }
    call.answer(Json.object("object", "list", "data", models));
  }

  /** One model. */
  public void one(Call call) {
    try (ModelShelf.Lease lease = shelf.use(call.pathEnd())) {
      call.answer(describe(lease.name()));
    }
  }

  private Map<String, @Nullable Object> describe(String name) {
    Map<String, @Nullable Object> model =
        Json.object("id", name, "object", "model", "created", started, "owned_by", "akvavit");
    boolean open = shelf.isOpen(name);
    model.put("loaded", open);
    if (open) {
      try (ModelShelf.Lease lease = shelf.use(name)) {
        addFacts(model, lease.model());
      }
    }
    return model;
  }

  private static void addFacts(Map<String, @Nullable Object> to, LanguageModel model) {
    ModelSummary summary = model.summary();
    to.put("architecture", model.config().modelType());
    to.put("context_length", model.engine().limits().maxContext());
    to.put("max_model_len", model.engine().limits().maxContext());
    to.put("vocabulary", model.config().vocabulary());
    to.put("parameters", summary.parameters().total());
    to.put("active_parameters", summary.parameters().active());
    to.put(
        "attention",
        summary.layers().stream().map(ModelSummary.Layers::attention).distinct().toList());
    to.put("kv_bytes_per_token", summary.kvBytesPerToken());
    to.put("chat", model.chats());
    to.put("fill_in_the_middle", model.fillsIn());
    to.put("backend", model.backend());
  }
}
