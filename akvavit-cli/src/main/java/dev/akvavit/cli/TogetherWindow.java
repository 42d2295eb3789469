package dev.akvavit.cli;

import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.TokenSink;
import java.util.concurrent.CompletableFuture;

/**
 * The time in which all of several sequences generate: from the first token of the one that comes
 * last until that one has a given number more. A step gives every sequence one token, so each has
 * as many then. All of it happens on the engine's thread.
 */
final class TogetherWindow {
  private final int sequences;
  private final int tokens;
  private final CompletableFuture<Long> nanos = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private int started;
  private int finished;
  private long begin;
  private boolean closed;

  TogetherWindow(int sequences, int tokens) {
    this.sequences = sequences;
    this.tokens = tokens;
  }

  /** Where one of the sequences' tokens go. */
  TokenSink sink() {
    return new Share();
  }

  /** Waits for the end of all; seconds that the window was open. */
  double seconds() {
    ended.join();
    return nanos.join() / 1e9;
  }

  private final class Share implements TokenSink {
    private int given;
    private boolean last;

    @Override
    public boolean token(int id, LogProbs logProbs) {
      if (given++ == 0 && ++started == sequences) {
        last = true;
        begin = System.nanoTime();
      } else if (last && given == tokens + 1) {
        nanos.complete(System.nanoTime() - begin);
        closed = true;
      }
      return !closed;
    }

    @Override
    public void finished(FinishReason reason, String detail, GenerationStats stats) {
      if (!closed) {
        var early = new IllegalStateException("a sequence ended first: " + reason + " " + detail);
        nanos.completeExceptionally(early);
      }
      if (++finished == sequences) {
        ended.complete(null);
      }
    }
  }
}
