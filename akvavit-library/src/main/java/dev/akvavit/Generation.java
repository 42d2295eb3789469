package dev.akvavit;

import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Ticket;
import dev.akvavit.engine.TokenSink;
import dev.akvavit.text.Detokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer under way. Read it once: by {@link #forEach} as it comes, or whole by {@link #text}.
 * Closing or cancelling frees its cache pages within one step.
 */
public final class Generation implements Iterable<TextPiece>, AutoCloseable {

  /** What travels from the engine's thread to the reader's. */
  private sealed interface Event {
    record Piece(TextPiece piece) implements Event {}

    record End(FinishReason reason, String detail, GenerationStats stats, String rest)
        implements Event {}
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicInteger unread = new AtomicInteger(); // characters, and one for each piece
  private volatile int unreadLimit = Integer.MAX_VALUE;
  private final Detokenizer detokenizer;
  private final StopScanner stops;
  private final Set<Integer> silent;
  private volatile @Nullable Ticket ticket;
  private @Nullable Event ahead; // taken from the queue, not yet read
  private Event.@Nullable End end;

  /**
   * @param silent tokens that end the answer and add no text to it
   */
  Generation(Detokenizer detokenizer, List<String> stops, Set<Integer> silent) {
    this.detokenizer = detokenizer;
    this.stops = new StopScanner(stops);
    this.silent = silent;
  }

  void submitted(Ticket admitted) {
    ticket = admitted;
  }

  /** The engine's end of the queue. */
  TokenSink sink() {
    return new TokenSink() {
      @Override
      public boolean token(int id, LogProbs logProbs) {
        String text = silent.contains(id) ? "" : stops.accept(detokenizer.append(id));
        events.add(new Event.Piece(piece(id, text, logProbs)));
        if (unread.addAndGet(1 + text.length()) > unreadLimit) {
          end(FinishReason.SLOW_CONSUMER);
        }
        return stops.found() == null;
      }

      @Override
      public void finished(FinishReason reason, String detail, GenerationStats stats) {
        String rest = stops.accept(detokenizer.flush()) + stops.flush();
        events.add(new Event.End(reason, detail, stats, rest));
      }
    };
  }

  private static TextPiece piece(int id, String text, LogProbs logProbs) {
    if (logProbs.isEmpty()) {
      return new TextPiece(id, text, Float.NaN, List.of());
    }
    List<TextPiece.Alternative> alternatives = new ArrayList<>(logProbs.alternatives());
    for (int i = 0; i < logProbs.alternatives(); i++) {
      alternatives.add(new TextPiece.Alternative(logProbs.id(i), logProbs.value(i)));
    }
    return new TextPiece(id, text, logProbs.chosen(), alternatives);
  }

  /**
   * The next piece, waiting for it; null at the end. Text held back to the very end comes as a last
   * piece with id -1.
   *
   * @throws GenerationException when the engine failed on this answer
   */
  public @Nullable TextPiece next() {
    if (end != null) {
      return null;
    }
    Event event = ahead;
    ahead = null;
    try {
      event = event == null ? events.take() : event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancel();
      throw new GenerationException("interrupted while waiting for a token");
    }
    return switch (event) {
      case Event.Piece p -> read(p.piece());
      case Event.End e -> ended(e);
    };
  }

  private TextPiece read(TextPiece piece) {
    unread.addAndGet(-1 - piece.text().length());
    return piece;
  }

  /**
   * Waits at most this long for the next piece or the end; whether {@link #next} would return at
   * once.
   */
  public boolean ready(Duration patience) throws InterruptedException {
    if (ahead == null && end == null) {
      ahead = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    }
    return ahead != null || end != null;
  }

  /**
   * Ends the answer with {@link FinishReason#SLOW_CONSUMER} once its reader is this many characters
   * behind.
   */
  public Generation limitUnread(int characters) {
    unreadLimit = characters;
    return this;
  }

  private @Nullable TextPiece ended(Event.End e) {
    end = e;
    if (e.reason() == FinishReason.FAILED) {
      throw new GenerationException(e.detail());
    }
    return e.rest().isEmpty() ? null : new TextPiece(-1, e.rest(), Float.NaN, List.of());
  }

  /** The pieces as they come; one pass. */
  @Override
  public Iterator<TextPiece> iterator() {
    return new Iterator<>() {
      private @Nullable TextPiece ahead;

      @Override
      public boolean hasNext() {
        if (ahead == null) {
          ahead = Generation.this.next();
        }
        return ahead != null;
      }

      @Override
      public TextPiece next() {
        if (!hasNext() || ahead == null) {
          throw new NoSuchElementException("the answer has ended");
        }
        TextPiece piece = ahead;
        ahead = null;
        return piece;
      }
    };
  }

  /**
   * Hands every bit of text to {@code reader} as it comes, and returns when the answer has ended.
   */
  public Generation stream(Consumer<String> reader) {
    for (TextPiece piece : this) {
      if (!piece.text().isEmpty()) {
        reader.accept(piece.text());
      }
    }
    return this;
  }

  /** Waits for the end and returns all text that was not read yet. */
  public String text() {
    StringBuilder all = new StringBuilder();
    stream(all::append);
    return all.toString();
  }

  /** Why it ended: read to the end first. */
  public FinishReason finishReason() {
    return ended().reason();
  }

  /** What it cost: read to the end first. */
  public GenerationStats stats() {
    return ended().stats();
  }

  /** The stop text that ended it, or null: read to the end first. */
  public @Nullable String stop() {
    ended(); // which also makes the engine's writes to the scanner visible here
    return stops.found();
  }

  private Event.End ended() {
    if (end == null) {
      throw new IllegalStateException("the answer has not ended: read it first");
    }
    return end;
  }

  /** Asks for the end within one step. */
  public void cancel() {
    end(FinishReason.CANCELLED);
  }

  /** Asks for the end within one step, for a reason of the owner's, such as a deadline. */
  public void end(FinishReason reason) {
    Ticket admitted = ticket;
    if (admitted != null) {
      admitted.end(reason);
    }
  }

  @Override
  public void close() {
    cancel();
  }
}
