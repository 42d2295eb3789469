package dev.akvavit.engine;

/**
 * All sizes of an engine; what a step needs is allocated from them before the first one.
 *
 * @param pageSize tokens a page
 * @param pages pages of the cache
 * @param maxContext tokens of prompt and answer together
 * @param maxTokensPerStep tokens computed in one step; a longer prompt takes several
 * @param maxSequences requests that run at once
 * @param maxQueuedRequests requests that wait for their first step
 * @param maxQueuedTokens prompt tokens of those that wait
 * @param maxPreemptions how often a request may lose its pages to older ones; then it holds them
 */
public record EngineLimits(
    int pageSize,
    int pages,
    int maxContext,
    int maxTokensPerStep,
    int maxSequences,
    int maxQueuedRequests,
    long maxQueuedTokens,
    int maxPreemptions) {

  public static final int DEFAULT_MAX_PREEMPTIONS = 8;

  public EngineLimits {
    positive("pageSize", pageSize);
    positive("pages", pages);
    positive("maxContext", maxContext);
    positive("maxTokensPerStep", maxTokensPerStep);
    positive("maxSequences", maxSequences);
    positive("maxQueuedRequests", maxQueuedRequests);
    positive("maxQueuedTokens", maxQueuedTokens);
    positive("maxPreemptions", maxPreemptions);
    if ((long) pages * pageSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "pages x pageSize: found "
              + (long) pages * pageSize
              + " tokens, allowed: up to "
              + Integer.MAX_VALUE);
    }
  }

  /** With {@value #DEFAULT_MAX_PREEMPTIONS} preemptions at most. */
  public EngineLimits(
      int pageSize,
      int pages,
      int maxContext,
      int maxTokensPerStep,
      int maxSequences,
      int maxQueuedRequests,
      long maxQueuedTokens) {
    this(
        pageSize,
        pages,
        maxContext,
        maxTokensPerStep,
        maxSequences,
        maxQueuedRequests,
        maxQueuedTokens,
        DEFAULT_MAX_PREEMPTIONS);
  }

  /** Pages the longest allowed context may fill. */
  public int pagesPerSequence() {
    return Math.ceilDiv(maxContext, pageSize);
  }

  /** Refuses a request that could never run, whatever else does. */
  void requireFits(Request request) {
    int prompt = request.promptLength();
    long tokens = (long) prompt + request.maxTokens();
    long rows = (long) pages * pageSize + 1; // the last token is never computed, so it needs no row
    long allowed = Math.min(maxContext, rows);
    if (tokens > allowed) {
      throw new IllegalArgumentException(
          "prompt and answer: found "
              + prompt
              + " + "
              + request.maxTokens()
              + " = "
              + tokens
              + " tokens, allowed: "
              + allowed
              + (maxContext <= rows ? ", the context" : ", all that the cache holds")
              + "; shorten the prompt or lower maxTokens");
    }
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": found " + value + ", allowed: 1 or more");
    }
  }
}
