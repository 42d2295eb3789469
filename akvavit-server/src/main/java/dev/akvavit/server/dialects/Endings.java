package dev.akvavit.server.dialects;

import dev.akvavit.engine.FinishReason;
import dev.akvavit.server.answers.Ending;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What no dialect has a word for is said in a member of our own. */
final class Endings {
  private Endings() {}

  /** Adds {@code end_reason} where OpenAI's words would hide that time was over. */
  static void note(Map<String, @Nullable Object> choice, @Nullable Ending ending) {
    if (ending != null && ending.reason() == FinishReason.DEADLINE) {
      choice.put("end_reason", "deadline");
    }
  }
}
