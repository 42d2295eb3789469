package dev.akvavit.server.insight;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.Selections;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Sampling;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /akvavit/defaults}: what the page needs to know of a model before it asks it. */
final class ModelInsight {
  private final ModelShelf shelf;

  ModelInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void describe(Call call) {
    try (ModelShelf.Lease lease = shelf.use(Query.given(call, "model"))) {
      LanguageModel model = lease.model();
      ModelSummary summary = model.summary();
      call.answer(
          Json.object(
              "model", lease.name(),
              "models", shelf.names(),
              "architecture", model.config().modelType(),
              "mechanism",
                  summary.layers().stream()
                      .map(ModelSummary.Layers::attention)
                      .distinct()
                      .collect(Collectors.joining(", ")),
              "parameters", summary.parameters().total(),
              "context", model.engine().limits().maxContext(),
              "page_size", model.engine().limits().pageSize(),
              "kv_bytes_per_token", summary.kvBytesPerToken(),
              "backend", model.backend(),
              "chats", model.chats(),
              "fills_in", model.fillsIn(),
              "defaults", defaults(model.defaults().sampling()),
              "selects", selects(model)));
    }
  }

  private static Map<String, @Nullable Object> defaults(Sampling sampling) {
    return Json.object(
        "temperature", sampling.temperature(),
        "top_p", sampling.topP(),
        "top_k", sampling.topK(),
        "min_p", sampling.minP(),
        "repetition_penalty", sampling.repetitionPenalty(),
        "frequency_penalty", sampling.frequencyPenalty(),
        "presence_penalty", sampling.presencePenalty());
  }

  /** How sparse attention chooses; null for models without it. */
  private static @Nullable Object selects(LanguageModel model) {
    return model.config().layers().stream()
        .filter(layer -> layer.attention() instanceof AttentionConfig.SparseLatent)
        .map(layer -> (AttentionConfig.SparseLatent) layer.attention())
        .findFirst()
        .map(sparse ->
            Json.object("top_k", sparse.indexer().topK(), "most_tokens", Selections.MOST_TOKENS))
        .orElse(null);
  }
}
