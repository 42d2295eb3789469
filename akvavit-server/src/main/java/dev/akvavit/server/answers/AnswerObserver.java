package dev.akvavit.server.answers;

import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;

/** Hears of every answer that ended, whoever asked. */
@FunctionalInterface
public interface AnswerObserver {
  /** An answer of {@code model} has ended. */
  void ended(String model, FinishReason reason, GenerationStats stats);
}
