package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Steps that nobody asked for, so that the first one that somebody asks for finds its loops
 * compiled and its memory there. Prompts grow to what one step holds, since long ones run loops
 * that short ones do not; then it goes on until steps get no faster: the compiler works beside
 * them, so one pause without gain is no end yet. A round begins only if it should end in time.
 *
 * <p>Steps write to pages that hold nothing and are nobody's, looked up anew for each round and
 * never taken: whatever their rows are then, they are overwritten before they are read. So a round
 * can be broken off at any moment and leaves nothing to give back.
 */
final class WarmUp {
  /** However large the model: a start must not look like a hang. */
  static final Duration MOST = Duration.ofSeconds(4);

  private static final int FIRST_PROMPT = 32;
  private static final int LONGEST_PROMPT = 512;
  private static final int GROWTH = 4;
  private static final int ANSWER = 4;
  private static final int PATIENCE = 4;
  private static final double GAIN = 0.95;

  /** Completed when there will be no more rounds. */
  final CompletableFuture<Void> over = new CompletableFuture<>();

  private final Model model;
  private final PageTables tables;
  private final LongSupplier clock;
  private final Batch batch;
  private final int[] ids;
  private final int[] pages;
  private volatile boolean begun;
  private int length; // of the next prompt
  private long left = MOST.toNanos();
  private long took; // by the last round
  private long best = Long.MAX_VALUE; // of this length
  private int idle; // rounds without gain

  WarmUp(Model model, EngineLimits limits, PageTables tables, LongSupplier clock) {
    this.model = model;
    this.tables = tables;
    this.clock = clock;
    int room = Math.min(limits.maxContext(), limits.pages() * limits.pageSize()) - ANSWER;
    int prompt = Math.clamp(room, 0, Math.min(LONGEST_PROMPT, limits.maxTokensPerStep()));
    ids = new SplittableRandom(1).ints(prompt, 0, model.vocabulary()).toArray();
    length = Math.min(FIRST_PROMPT, prompt);
    pages = new int[Math.ceilDiv(prompt + ANSWER, limits.pageSize())];
    batch = new Batch(limits.maxTokensPerStep(), 1, pages.length, limits.pageSize());
  }

  /** Lets rounds begin; from any thread. */
  void begin() {
    begun = true;
  }

  /**
   * Does one round, or as much of it as it may; false when there is none to do. The engine's thread
   * only.
   */
  boolean round(BooleanSupplier undisturbed) {
    if (!begun || over.isDone()) {
      return false;
    }
    if (length == 0 || idle == PATIENCE || took >= left || !tables.blank(pages)) {
      over.complete(null);
      return false;
    }
    long begin = clock.getAsLong();
    try {
      compute(
          () -> clock.getAsLong() - begin < left && !over.isDone() && undisturbed.getAsBoolean());
    } catch (RuntimeException | Error e) {
      over.completeExceptionally(e);
    }
    took = clock.getAsLong() - begin;
    left -= took;
    if (undisturbed.getAsBoolean()) {
      judge();
    }
    return true;
  }

  /** A prompt and the first tokens of its answer. */
  private void compute(BooleanSupplier goOn) {
    step(0, length, true, goOn);
    for (int i = 0; i < ANSWER && goOn.getAsBoolean(); i++) {
      step(length + i, 1, false, goOn);
    }
  }

  private void step(int position, int count, boolean prompt, BooleanSupplier goOn) {
    batch.clear();
    batch.add(ids, 0, count, position, pages, prompt, Batch.Logits.LAST);
    model.rehearse(batch, goOn);
  }

  /** Whether the round brought something, and how long the next one's prompt is. */
  private void judge() {
    idle = took < GAIN * best ? 0 : idle + 1;
    best = Math.min(best, took);
    if (took < left && length < ids.length) {
      length = Math.min(GROWTH * length, ids.length);
      best = Long.MAX_VALUE; // another length, other loops
      idle = 0;
    }
  }
}
