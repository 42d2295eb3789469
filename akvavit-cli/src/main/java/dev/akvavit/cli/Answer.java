package dev.akvavit.cli;

import dev.akvavit.Generation;
import dev.akvavit.LanguageModel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Streams one answer to the reader, shows the prompt's progress until the first token, and prints
 * the statistics. Ctrl-C ends the answer within a step; its statistics are still printed before the
 * process leaves.
 */
final class Answer {
  private static final int SHOWN_PROMPT = 256;

  private Answer() {}

  /** Streams to standard output; a line break ends it on a terminal. */
  static void stream(Screen screen, LanguageModel model, Generation generation, int promptTokens) {
    stream(
        screen,
        model,
        generation,
        promptTokens,
        text -> {
          screen.out().print(text);
          screen.out().flush();
        });
  }

  static void stream(
      Screen screen,
      LanguageModel model,
      Generation generation,
      int promptTokens,
      Consumer<String> reader) {
    CountDownLatch printed = new CountDownLatch(1);
    Thread interrupted = Thread.ofPlatform().unstarted(() -> end(generation, printed));
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      LineEnd end = new LineEnd(reader);
      Progress progress = prefill(screen, model, promptTokens);
      try {
        for (var piece : generation) {
          progress.close();
          if (!piece.text().isEmpty()) {
            end.accept(piece.text());
          }
        }
      } finally {
        progress.close();
      }
      if (!end.atLineStart()) {
        screen.out().println();
      }
      screen.err().println(screen.dimErr(Statistics.line(generation.stats(), model)));
    } finally {
      printed.countDown();
      forget(interrupted);
    }
  }

  /** Runs while the JVM goes down: gives the answer's reader the time to print what it has. */
  private static void end(Generation generation, CountDownLatch printed) {
    generation.cancel();
    try {
      printed.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      Thread.yield(); // the JVM is going down already: the hook itself is running
    }
  }

  private static Progress prefill(Screen screen, LanguageModel model, int promptTokens) {
    if (promptTokens < SHOWN_PROMPT) {
      return Progress.show(screen, "reading the prompt");
    }
    long before = computed(model);
    return Progress.show(
        screen, "reading the prompt", promptTokens, () -> computed(model) - before);
  }

  private static long computed(LanguageModel model) {
    var counters = model.engine().counters();
    return counters.computedTokens() + counters.cachedTokens();
  }

  /** Remembers whether the text so far ended its line. */
  private static final class LineEnd implements Consumer<String> {
    private final Consumer<String> reader;
    private boolean atStart = true;

    LineEnd(Consumer<String> reader) {
      this.reader = reader;
    }

    @Override
    public void accept(String text) {
      atStart = text.endsWith("\n");
      reader.accept(text);
    }

    boolean atLineStart() {
      return atStart;
    }
  }
}
