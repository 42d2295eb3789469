package dev.akvavit.server.insight;

import dev.akvavit.LanguageModel;
import dev.akvavit.engine.RefusedException;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /akvavit/tokens}: a prompt as the model reads it, and how much of it the cache holds
 * for this caller.
 */
final class TokenInsight {
  private final ModelShelf shelf;

  TokenInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void cut(Call call) throws InterruptedException {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = Subject.model(shelf, body)) {
      LanguageModel model = lease.model();
      int[] ids = Subject.ids(model, body);
      call.answer(
          Json.object(
              "model", lease.name(),
              "ids", ids,
              "pieces", Subject.pieces(model.tokenizer(), ids),
              "cached", model.engine().cachedPrefix(ids, call.scope()),
              "page_size", model.engine().limits().pageSize()));
    } catch (RefusedException e) {
      throw ApiError.later(503, "busy", String.valueOf(e.getMessage()), 1);
    }
  }
}
