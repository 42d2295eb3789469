package dev.akvavit;

import dev.akvavit.core.Batch;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.engine.EngineLimits;
import dev.akvavit.model.Decoder;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Steps that nobody asked for, so that the first one that somebody asks for finds its loops
 * compiled and its memory there. Prompts grow to what one step holds, since long ones run loops
 * that short ones do not; then it goes on until steps get no faster: the compiler works beside
 * them, so one pause without gain is no end yet. A round begins only if it should end in time. Runs
 * before the engine takes over, on cache pages that nobody owns; what they hold is overwritten
 * before it is read.
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

  private final Decoder decoder;
  private final Batch batch;
  private final int[] ids;
  private final int[] pages;
  private int length;

  private WarmUp(Decoder decoder, ModelConfig config, EngineLimits limits) {
    this.decoder = decoder;
    int room = Math.min(limits.maxContext(), limits.pages() * limits.pageSize());
    int prompt = Math.min(Math.min(LONGEST_PROMPT, limits.maxTokensPerStep()), room - ANSWER);
    ids = new SplittableRandom(1).ints(prompt, 0, config.vocabulary()).toArray();
    length = Math.min(FIRST_PROMPT, prompt);
    pages = IntStream.range(0, Math.ceilDiv(ids.length + ANSWER, limits.pageSize())).toArray();
    batch = new Batch(limits.maxTokensPerStep(), 1, pages.length, limits.pageSize());
  }

  /** Warms a decoder; returns the rounds it took. */
  static int run(Decoder decoder, ModelConfig config, EngineLimits limits) {
    if (Math.min(limits.maxContext(), limits.pages() * limits.pageSize()) <= ANSWER) {
      return 0;
    }
    WarmUp warmUp = new WarmUp(decoder, config, limits);
    long end = System.nanoTime() + MOST.toNanos();
    double best = Double.MAX_VALUE;
    double took = 0;
    int rounds = 0;
    for (int idle = 0; idle < PATIENCE && took < end - System.nanoTime(); rounds++) {
      long begin = System.nanoTime();
      warmUp.round(end);
      took = System.nanoTime() - begin;
      idle = took < GAIN * best ? 0 : idle + 1;
      best = Math.min(best, took);
      if (took < end - System.nanoTime() && warmUp.grow()) {
        best = Double.MAX_VALUE; // another length, other loops
        idle = 0;
      }
    }
    decoder.forgetLoad();
    return rounds;
  }

  private boolean grow() {
    int before = length;
    length = Math.min(GROWTH * length, ids.length);
    return length > before;
  }

  /** A prompt and the first tokens of its answer. */
  private void round(long end) {
    step(0, length, true);
    for (int i = 0; i < ANSWER && System.nanoTime() < end; i++) {
      step(length + i, 1, false);
    }
  }

  private void step(int position, int count, boolean prompt) {
    batch.clear();
    batch.add(ids, 0, count, position, pages, prompt, Batch.Logits.LAST);
    decoder.forward(batch);
  }
}
