package dev.akvavit.server.answers;

import dev.akvavit.engine.GenerationStats;
import dev.akvavit.server.http.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request cost, in tokens.
 *
 * @param cachedTokens of the prompt, found in the cache
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
  /** Of all choices of all prompts; a prompt is counted once, however many choices it has. */
  public static Usage of(List<Ending> endings, int choicesPerPrompt) {
    int prompt = 0;
    int cached = 0;
    int completion = 0;
    for (int i = 0; i < endings.size(); i++) {
      GenerationStats stats = endings.get(i).stats();
      completion += stats.generatedTokens();
      if (i % choicesPerPrompt == 0) {
        prompt += stats.promptTokens();
        cached += stats.cachedTokens();
      }
    }
    return new Usage(prompt, cached, completion);
  }

  /** In OpenAI's words. */
  public Map<String, @Nullable Object> openAi() {
    return Json.object(
        "prompt_tokens",
        promptTokens,
        "completion_tokens",
        completionTokens,
        "total_tokens",
        promptTokens + completionTokens,
        "prompt_tokens_details",
        Json.object("cached_tokens", cachedTokens));
  }
}
