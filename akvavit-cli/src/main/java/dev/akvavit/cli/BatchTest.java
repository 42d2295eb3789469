package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import java.util.List;

/**
 * Sequences that generate together, each after a context of its own.
 *
 * @param sequences how many
 * @param tokens each generates in the time that counts
 * @param depth tokens of each in the cache before
 */
record BatchTest(int sequences, int tokens, int depth) {
  /** Sequences that may generate together. */
  static final int MOST = 1024;

  private static final int PAGE = 64;

  /** Every number of sequences at every depth. */
  static List<BatchTest> of(List<Integer> sequences, int tokens, List<Integer> depths) {
    return depths.stream()
        .flatMap(d -> sequences.stream().map(s -> new BatchTest(s, tokens, d)))
        .toList();
  }

  /** Tokens of a prompt; an empty context has none to go on from, so it is one at least. */
  int prompt() {
    return Math.max(depth, 1);
  }

  /**
   * Tokens a sequence may generate in all: the first ones do while the others' prompts are read, a
   * token a step; twice as many as that takes.
   *
   * @param stepTokens tokens of a step
   */
  int most(int stepTokens) {
    int read = Math.max(1, stepTokens - sequences);
    long steps = Math.ceilDiv((long) sequences * prompt(), read) + sequences;
    return clamped(2 * steps + tokens + 1);
  }

  /** Tokens of the cache that each may need. */
  long context(int stepTokens) {
    return (long) prompt() + most(stepTokens);
  }

  /** As {@link BenchTest#tooLongFor}. */
  String tooLongFor(int context, int stepTokens) {
    return "-d: found %d with -b %d and -n %d, a context of %d, allowed: a context of up to %d"
        .formatted(depth, sequences, tokens, context(stepTokens), context);
  }

  /** Room for every test at once: the longest context for as many sequences as the largest has. */
  static ModelOptions room(List<BatchTest> tests, ModelOptions given) {
    int sequences = tests.stream().mapToInt(BatchTest::sequences).max().orElse(1);
    ModelOptions options = given.withMaxSequences(sequences);
    int step = options.maxTokensPerStep();
    long needed = tests.stream().mapToLong(t -> t.context(step)).max().orElse(1);
    int context = given.context() == 0 ? clamped(needed) : given.context();
    long each = (long) context + PAGE; // its last page is shared with nobody
    return options.withContext(context).withCacheTokens(clamped(sequences * each));
  }

  /** What is more than any model's context stays that, and is refused when the model is opened. */
  private static int clamped(long tokens) {
    return Math.clamp(tokens, 0, Integer.MAX_VALUE);
  }

  /** As llama-bench calls what one of them does. */
  String name() {
    return new BenchTest(0, tokens, depth).name();
  }
}
