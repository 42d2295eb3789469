package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Asker;
import dev.akvavit.server.fields.Bounds;
import dev.akvavit.server.models.ModelShelf;
import tools.jackson.databind.JsonNode;

/**
 * What every dialect needs.
 *
 * @param shelf the models
 * @param asker puts questions to them
 */
public record Service(ModelShelf shelf, Asker asker) {
  /** The model that a request names, or the first one; open until the lease is closed. */
  ModelShelf.Lease model(JsonNode body) {
    return shelf.use(CommonFields.MODEL.read(body.get("model"), Bounds.NONE));
  }

  /** The bounds that a model sets to a request. */
  static Bounds bounds(LanguageModel model) {
    return new Bounds(model.config().vocabulary(), model.engine().limits().maxContext());
  }
}
