package dev.akvavit.server.answers;

import dev.akvavit.GenerationOptions;
import dev.akvavit.LanguageModel;
import dev.akvavit.server.http.ApiError;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is asked of a model: what every dialect is translated to.
 *
 * @param prompt token ids
 * @param how how the answer is made; {@link GenerationOptions#maxTokens} fits the context
 * @param stopTokens tokens that end this answer besides the model's own
 * @param parser tells text from thought and from calls of tools; made for each answer
 */
public record Question(
    int[] prompt, GenerationOptions how, Set<Integer> stopTokens, Supplier<PartParser> parser) {
  /**
   * Refuses what can never fit, with both counts; nothing is ever cut.
   *
   * @param maxTokens tokens asked for; 0 for as many as there is room for
   * @param param the field that asks for them
   * @return tokens to generate at most
   */
  public static int fit(LanguageModel model, int promptTokens, int maxTokens, String param) {
    int context = model.engine().limits().maxContext();
    int room = context - promptTokens;
    if (room <= 0) {
      throw ApiError.refused(
          "prompt",
          "context_length_exceeded",
          "prompt: found %d tokens, allowed: up to %d in a context of %d"
              .formatted(promptTokens, context - 1, context));
    }
    if (maxTokens > room) {
      throw ApiError.refused(
          param,
          "context_length_exceeded",
          "%s: found %d after a prompt of %d tokens, allowed: up to %d in a context of %d"
              .formatted(param, maxTokens, promptTokens, room, context));
    }
    return maxTokens == 0 ? room : maxTokens;
  }

  /** Refuses a text that is too long before it is cut into tokens. */
  public static void requireShort(LanguageModel model, String text) {
    int context = model.engine().limits().maxContext();
    int atLeast = text.length() / model.tokenizer().longestTokenBytes();
    if (atLeast > context) {
      throw ApiError.refused(
          "prompt",
          "context_length_exceeded",
          "prompt: found at least %d tokens, allowed: up to %d in a context of %d"
              .formatted(atLeast, context - 1, context));
    }
  }
}
