package dev.akvavit.engine;

import dev.akvavit.core.Model;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongSupplier;

/**
 * Serves many requests with one model: one thread that repeats {@link Loop#step} while there is
 * work and sleeps while there is none. Any thread may submit, cancel, drain and close; tokens come
 * to each request's {@link TokenSink}.
 *
 * <pre>{@code
 * try (Engine engine = new Engine(model, limits, checkpointDigest)) {
 *   Ticket ticket = engine.submit(request, sink);
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
  private final EngineLimits limits;
  private final String identity;
  private final int vocabulary;
  private final LongSupplier clock;
  private final Mailbox mailbox;
  private final EngineEvents events = new EngineEvents();
  private final PageTables tables;
  private final Scheduler scheduler;
  private final Integrity integrity;
  private final Loop loop;
  private final WarmUp warmUp;
  private final Thread thread;

  /**
   * Starts the engine.
   *
   * @param model used by the engine's thread alone from now on; its cache holds {@code
   *     limits.pages()} pages of {@code limits.pageSize()} tokens, and it takes {@code
   *     limits.maxTokensPerStep()} tokens a step
   * @param identity names weights and cache layout: cached prefixes of one identity are never read
   *     under another
   */
  public Engine(Model model, EngineLimits limits, String identity) {
    this(model, limits, identity, System::nanoTime);
  }

  /** As above, with the clock that all durations are measured by, in nanoseconds. */
  public Engine(Model model, EngineLimits limits, String identity, LongSupplier clock) {
    this.limits = limits;
    this.identity = identity;
    this.clock = clock;
    vocabulary = model.vocabulary();
    mailbox = new Mailbox(limits);
    PagePool pool = new PagePool(limits.pages());
    tables =
        new PageTables(limits.pageSize(), new PrefixCache(pool), model.generatedRowsMatchPrompt());
    scheduler = new Scheduler(limits, tables, mailbox, events, clock);
    integrity = new Integrity(pool, events);
    loop = new Loop(limits, mailbox, scheduler, model, new Sampler(model), events, clock);
    warmUp = new WarmUp(model, limits, tables, clock);
    thread = Thread.ofPlatform().name("akvavit-engine").daemon().start(this::run);
  }

  /**
   * Admits a request, which then ends exactly once, at its sink.
   *
   * @throws IllegalArgumentException when it could never run: a token id outside the vocabulary, or
   *     more tokens than a context or the cache can hold
   * @throws RefusedException when too much waits already, or the engine is draining or closed
   */
  public Ticket submit(Request request, TokenSink sink) {
    request.requireIdsBelow(vocabulary);
    limits.requireFits(request);
    mailbox.requireRoom(request.promptLength());
    Sequence s =
        new Sequence(
            request, sink, limits, new PageKeys(limits.pageSize()), identity, mailbox::ring);
    s.submittedAt = clock.getAsLong();
    mailbox.submit(s);
    return s;
  }

  public EngineLimits limits() {
    return limits;
  }

  /** What it has done so far; cheap, from any thread. */
  public EngineCounters counters() {
    return events.counters(mailbox);
  }

  /**
   * The cache's pages between two steps: waits for the step under way.
   *
   * @param evictionsSeen pages evicted later than so many evictions are named
   * @throws RefusedException when too many wait for such an answer already, or the engine is closed
   */
  public PageMap pageMap(long evictionsSeen) throws InterruptedException {
    return ask(() -> tables.map(evictionsSeen));
  }

  /**
   * Tokens of a prompt that a request in this scope would find in the prefix cache now; none is
   * shared or kept longer by asking.
   *
   * @throws RefusedException as {@link #pageMap}
   */
  public int cachedPrefix(int[] prompt, CacheScope scope) throws InterruptedException {
    int pages = Math.max(0, prompt.length - 1) / limits.pageSize(); // the last token is computed
    PageKeys names = new PageKeys(limits.pageSize());
    long[] chain = Arrays.copyOf(names.root(identity, scope), (pages + 1) * PageKeys.LONGS);
    for (int page = 0; page < pages; page++) {
      names.extend(chain, prompt, page);
    }
    return ask(() -> tables.known(chain, pages));
  }

  private <T> T ask(Callable<T> question) throws InterruptedException {
    FutureTask<T> task = new FutureTask<>(question);
    mailbox.ask(task);
    try {
      return task.get();
    } catch (CancellationException e) {
      throw new RefusedException(
          RefusedException.Reason.CLOSED, "the engine closed before it answered");
    } catch (ExecutionException e) {
      throw new IllegalStateException("the engine failed to look at its cache", e.getCause());
    }
  }

  /**
   * Has steps computed that nobody asked for whenever there is nothing else to do, so that loops
   * are compiled and memory is there when somebody asks. A request waits for a part of such a step
   * at most; neither its tokens nor counters nor cached prefixes can tell. Asked for again it does
   * nothing more.
   *
   * @return completed once steps get no faster, when they took four seconds, or with the engine;
   *     exceptionally when the model failed. Cancelling ends it
   */
  public CompletableFuture<Void> warmUp() {
    warmUp.begin();
    mailbox.ring();
    return warmUp.over;
  }

  /**
   * Takes no more requests and waits for those admitted to end; whether they all did in time. Not
   * to be called from a sink.
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    mailbox.refuse();
    return mailbox.awaitEnded(timeout.toNanos());
  }

  /**
   * Ends what still runs or waits with {@link FinishReason#SHUTDOWN}, after the step under way,
   * then the thread.
   */
  @Override
  public void close() {
    mailbox.close();
    boolean interrupted = false;
    while (thread.isAlive() && !thread.equals(Thread.currentThread())) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted =
            true; // the model must not be freed under the engine's thread: wait all the same
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    FinishReason reason = FinishReason.FAILED;
    String detail = "the engine's thread ended by an error of its own";
    try {
      while (!mailbox.closed()) {
        if (!loop.step() && !warmUp.round(mailbox::quiet)) {
          integrity.check();
          mailbox.await();
        }
      }
      reason = FinishReason.SHUTDOWN;
      detail = "";
    } catch (InterruptedException e) {
      detail = "the engine's thread was interrupted";
    } catch (RuntimeException | Error e) {
      detail = e.toString();
    } finally {
      mailbox.close();
      mailbox.drainTo(scheduler);
      scheduler.endAll(reason, detail);
      mailbox.cancelQuestions();
      warmUp.over.complete(null);
    }
  }
}
