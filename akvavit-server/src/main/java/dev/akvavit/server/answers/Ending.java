package dev.akvavit.server.answers;

import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import org.jspecify.annotations.Nullable;

/**
 * How an answer ended.
 *
 * @param calls whether it called tools
 * @param stop the stop text that ended it, or null
 */
public record Ending(
    FinishReason reason, GenerationStats stats, boolean calls, @Nullable String stop) {
  /** Whether the answer was cut by a limit rather than ended by the model. */
  public boolean cut() {
    return reason == FinishReason.LENGTH || reason == FinishReason.DEADLINE;
  }

  /** OpenAI's word for it; clients know no others. */
  public String openAi() {
    return cut() ? "length" : calls ? "tool_calls" : "stop";
  }
}
