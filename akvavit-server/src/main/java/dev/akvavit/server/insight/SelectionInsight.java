package dev.akvavit.server.insight;

import dev.akvavit.LanguageModel;
import dev.akvavit.Selections;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /akvavit/selection}: which tokens of a prompt each sparse layer chose for each token.
 * One map is computed at a time, beside the engine, on half of the cores.
 */
final class SelectionInsight {
  private final ModelShelf shelf;
  private final Semaphore turn = new Semaphore(1);

  SelectionInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void compute(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = Subject.model(shelf, body)) {
      LanguageModel model = lease.model();
      int[] ids = Subject.ids(model, body);
      if (ids.length == 0 || ids.length > Selections.MOST_TOKENS) {
        throw ApiError.invalid("text", ids.length + " tokens", "1.." + Selections.MOST_TOKENS);
      }
      Selections found = selections(model, ids);
      call.answer(
          Json.object(
              "model", lease.name(),
              "top_k", found.topK(),
              "ids", ids,
              "pieces", Subject.pieces(model.tokenizer(), ids),
              "layers", found.layers().stream().map(SelectionInsight::json).toList()));
    }
  }

  private Selections selections(LanguageModel model, int[] ids) {
    if (!turn.tryAcquire()) {
      throw ApiError.later(
          429, "busy", "a selection is being computed; one is computed at a time", 1);
    }
    try {
      return model.selections(ids);
    } catch (IllegalStateException e) {
      throw ApiError.refused("model", "no_selection", String.valueOf(e.getMessage()));
    } finally {
      turn.release();
    }
  }

  private static Map<String, @Nullable Object> json(Selections.Layer layer) {
    return Json.object(
        "layer", layer.index(),
        "own", layer.own(),
        "rows", Base64.getEncoder().encodeToString(bits(layer.chosen())));
  }

  /** A square of bits, a row for each token in whole bytes, lowest bit first. */
  static byte[] bits(List<int[]> chosen) {
    int stride = Math.ceilDiv(chosen.size(), Byte.SIZE);
    byte[] bits = new byte[stride * chosen.size()];
    for (int row = 0; row < chosen.size(); row++) {
      for (int column : chosen.get(row)) {
        bits[row * stride + column / Byte.SIZE] |= (byte) (1 << column % Byte.SIZE);
      }
    }
    return bits;
  }
}
