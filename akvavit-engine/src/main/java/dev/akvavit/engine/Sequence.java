package dev.akvavit.engine;

import dev.akvavit.core.TokenConstraint;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A request under way: its tokens, how many of them are in the cache, and the pages that hold them.
 * Made by the thread that submits, then owned by the engine's; only {@link #ending} is written by
 * others.
 */
final class Sequence implements Ticket {
  final Request request;
  final TokenSink sink;
  final TokenConstraint constraint;
  final int promptLength;
  final int[] tokens; // [prompt + maxTokens]
  final int[] pages; // page ids, in order; the first pageCount are valid
  final long[] keys; // [(pages + 1) * PageKeys.LONGS] the chain of page names
  final int[] stopTokens; // sorted
  final int[] biasIds;
  final float[] biases;
  long number; // in order of admission
  int length; // tokens known
  int cached; // tokens whose rows are in the cache
  int chunk; // tokens of this step
  int pageCount;
  int keyed; // pages whose name is known
  int published; // pages offered to the prefix cache, or found there
  int reused; // prompt tokens found in the prefix cache at first
  int preemptions;
  boolean started;
  long submittedAt;
  long startedAt;
  long firstTokenAt;
  private final AtomicReference<@Nullable FinishReason> ending = new AtomicReference<>();
  private final Runnable wake;

  Sequence(
      Request request,
      TokenSink sink,
      EngineLimits limits,
      PageKeys pageKeys,
      String identity,
      Runnable wake) {
    this.request = request;
    this.sink = sink;
    this.wake = wake;
    constraint = request.constraint();
    int[] prompt = request.prompt();
    promptLength = prompt.length;
    length = promptLength;
    tokens = Arrays.copyOf(prompt, promptLength + request.maxTokens());
    pages = new int[pagesNeeded(request, limits)];
    keys =
        Arrays.copyOf(
            pageKeys.root(identity, request.scope()), (pages.length + 1) * PageKeys.LONGS);
    extendKeys(pageKeys, promptLength / limits.pageSize());
    stopTokens = request.stopTokens();
    Arrays.sort(stopTokens);
    biasIds = new int[request.logitBias().size()];
    biases = new float[biasIds.length];
    int i = 0;
    for (Map.Entry<Integer, Float> e : request.logitBias().entrySet()) {
      biasIds[i] = e.getKey();
      biases[i++] = e.getValue();
    }
  }

  /** The last token generated is never computed, so it needs no row. */
  static int pagesNeeded(Request request, EngineLimits limits) {
    return Math.ceilDiv(request.promptLength() + request.maxTokens() - 1, limits.pageSize());
  }

  /** Names pages up to {@code count}; their tokens are known. */
  void extendKeys(PageKeys pageKeys, int count) {
    for (; keyed < count; keyed++) {
      pageKeys.extend(keys, tokens, keyed);
    }
  }

  void append(int token, long now) {
    if (generated() == 0) {
      firstTokenAt = now;
    }
    tokens[length++] = token;
  }

  int generated() {
    return length - promptLength;
  }

  boolean stopsAt(int token) {
    return Arrays.binarySearch(stopTokens, token) >= 0;
  }

  @Override
  public void end(FinishReason reason) {
    if (ending.compareAndSet(null, reason)) {
      wake.run();
    }
  }

  boolean ended() {
    return ending.get() != null;
  }

  /** Why its owner ends it; only once {@link #ended()}. */
  FinishReason ending() {
    return Objects.requireNonNull(ending.get());
  }

  GenerationStats stats(long now) {
    long start = started ? startedAt : now;
    long first = generated() > 0 ? firstTokenAt : now;
    return new GenerationStats(
        promptLength,
        reused,
        generated(),
        preemptions,
        Duration.ofNanos(start - submittedAt),
        Duration.ofNanos(first - submittedAt),
        Duration.ofNanos(first - start),
        Duration.ofNanos(now - first));
  }
}
