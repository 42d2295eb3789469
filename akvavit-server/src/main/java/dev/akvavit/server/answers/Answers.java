package dev.akvavit.server.answers;

import dev.akvavit.Generation;
import dev.akvavit.GenerationException;
import dev.akvavit.TextPiece;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.ClientGone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The answers to one request under way; closing it lets go of all that still run. */
public final class Answers implements AutoCloseable {

  /** Takes the parts of answers; each choice comes in order, choices may come at the same time. */
  @FunctionalInterface
  public interface Reader {
    /**
     * One more part.
     *
     * @param choice which of the answers
     */
    void read(int choice, Part part);
  }

  private final Asker asker;
  private final Call call;
  private final String model;
  private final List<Question> questions;
  private final List<Generation> generations;

  Answers(
      Asker asker,
      Call call,
      String model,
      List<Question> questions,
      List<Generation> generations) {
    this.asker = asker;
    this.call = call;
    this.model = model;
    this.questions = questions;
    this.generations = generations;
  }

  /**
   * Reads all answers to their ends.
   *
   * @param reader gets the parts as they come
   * @param heartbeat run while nothing comes
   * @return how each ended
   * @throws ApiError when the model failed on one, or the server closed
   * @throws ClientGone when the client did
   */
  public List<Ending> read(Reader reader, Runnable heartbeat) {
    List<Ending> endings =
        generations.size() == 1
            ? List.of(read(0, reader, heartbeat))
            : readTogether(reader, heartbeat);
    note(endings);
    return endings;
  }

  /** Each choice has a thread of its own, for each may be the next to go on. */
  private List<Ending> readTogether(Reader reader, Runnable heartbeat) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Ending>> running = new ArrayList<>();
      for (int i = 0; i < generations.size(); i++) {
        int choice = i;
        running.add(threads.submit(() -> readOrCancelAll(choice, reader, heartbeat)));
      }
      List<Ending> endings = new ArrayList<>();
      for (Future<Ending> one : running) {
        endings.add(one.get());
      }
      return endings;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw closing();
    }
  }

  private Ending readOrCancelAll(int choice, Reader reader, Runnable heartbeat) {
    try {
      return read(choice, reader, heartbeat);
    } catch (RuntimeException e) {
      close(); // for the others are waited for
      throw e;
    }
  }

  private Ending read(int choice, Reader reader, Runnable heartbeat) {
    Generation generation = generations.get(choice);
    Question question = questions.get(choice);
    PartParser parser = question.parser().get();
    try {
      long end = System.nanoTime() + asker.deadline().toNanos();
      @Nullable TextPiece piece;
      while ((piece = next(generation, heartbeat, end)) != null) {
        parser.accept(piece, part -> reader.read(choice, part));
      }
      boolean cut = generation.finishReason() != FinishReason.STOP;
      parser.end(cut, part -> reader.read(choice, part));
    } catch (GenerationException e) {
      // Its detail may name classes: it goes to the log, not to the client.
      System.getLogger(Answers.class.getName())
          .log(System.Logger.Level.WARNING, call.requestId() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      generations.forEach(Generation::cancel);
      drain(generation);
      asker.ended(model, question, ending(generation, parser));
      throw e;
    }
    Ending ending = ending(generation, parser);
    asker.ended(model, question, ending);
    requireWhole(ending.reason());
    return ending;
  }

  private static Ending ending(Generation generation, PartParser parser) {
    return new Ending(
        generation.finishReason(), generation.stats(), parser.calls(), generation.stop());
  }

  private @Nullable TextPiece next(Generation generation, Runnable heartbeat, long end) {
    try {
      while (true) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          generation.end(FinishReason.DEADLINE);
        }
        long patience = asker.heartbeat().toNanos();
        if (generation.ready(Duration.ofNanos(left <= 0 ? patience : Math.min(left, patience)))) {
          break;
        }
        heartbeat.run();
      }
      return generation.next();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw closing();
    }
  }

  /** Waits for the end of what was cancelled: within a step. */
  private static void drain(Generation generation) {
    try {
      generation.text();
    } catch (GenerationException e) {
      // it failed instead: an end as good as any
    }
  }

  private void requireWhole(FinishReason reason) {
    switch (reason) {
      case STOP, LENGTH, DEADLINE -> {}
      case CANCELLED, SLOW_CONSUMER -> {
        call.note("end", reason.name().toLowerCase(Locale.ROOT));
        throw new ClientGone();
      }
      case SHUTDOWN -> throw closing();
      case FAILED ->
          throw ApiError.failed(
              "engine_failed", "the model failed on this request; other requests go on");
    }
  }

  private static ApiError closing() {
    return ApiError.later(503, "closing", "the server has closed before the answer was done", 5);
  }

  private void note(List<Ending> endings) {
    Usage usage = Usage.of(endings, endings.size());
    call.note("prompt_tokens", usage.promptTokens());
    call.note("cached_tokens", usage.cachedTokens());
    call.note("completion_tokens", usage.completionTokens());
    call.note("first_token_ms", endings.getFirst().stats().firstToken().toMillis());
    call.note("queued_ms", endings.getFirst().stats().queued().toMillis());
  }

  @Override
  public void close() {
    generations.forEach(Generation::cancel);
  }
}
