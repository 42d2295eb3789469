package dev.akvavit.cli;

import dev.akvavit.Generation;
import dev.akvavit.LanguageModel;
import dev.akvavit.TextPiece;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Hands one answer to its reader as it comes, with the prompt's progress before it and the
 * statistics after it. Ctrl-C ends the answer within a step; its statistics are still printed
 * before the process leaves.
 */
final class Answer {
  /** Prompts below this many tokens show no bar. */
  private static final int LONG_PROMPT = 256;

  private static final int FAREWELL_SECONDS = 5;

  private Answer() {}

  /** Who takes the text. */
  interface Reader {
    void accept(String text);

    /** After the last text, before the statistics. */
    default void end() {}
  }

  static void stream(
      Screen screen, LanguageModel model, Generation generation, int promptTokens, Reader reader) {
    CountDownLatch told = new CountDownLatch(1);
    Thread interrupted = Thread.ofPlatform().unstarted(() -> end(generation, told));
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      read(screen, model, generation, promptTokens, reader);
      reader.end();
      screen.tell(screen.dimErr(Statistics.line(generation.stats(), model)));
    } finally {
      told.countDown();
      forget(interrupted);
    }
  }

  private static void read(
      Screen screen, LanguageModel model, Generation generation, int promptTokens, Reader reader) {
    try (Progress prompt = prefill(screen, model, promptTokens)) {
      for (TextPiece piece : generation) {
        prompt.end();
        if (!piece.text().isEmpty()) {
          reader.accept(piece.text());
        }
        if (screen.out().checkError()) {
          generation.cancel(); // nobody reads on, as in akvavit run … | head -1
        }
      }
    }
  }

  private static Progress prefill(Screen screen, LanguageModel model, int promptTokens) {
    if (promptTokens < LONG_PROMPT) {
      return Progress.show(screen, "reading the prompt");
    }
    long before = model.engine().counters().computedTokens();
    return Progress.show(
        screen,
        "reading the prompt",
        promptTokens,
        () -> model.engine().counters().computedTokens() - before);
  }

  /** Runs while the JVM goes down, and keeps it up until the statistics are out. */
  private static void end(Generation generation, CountDownLatch told) {
    generation.cancel();
    try {
      told.await(FAREWELL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      Thread.onSpinWait(); // the JVM is going down: the hook itself is running
    }
  }
}
