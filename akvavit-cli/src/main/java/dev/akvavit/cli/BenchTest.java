package dev.akvavit.cli;

import java.util.List;
import java.util.stream.Stream;

/**
 * One thing to measure: a prompt read, or tokens generated after others.
 *
 * @param prompt tokens; 0 when tokens are generated
 * @param tokens to generate; 0 for a prompt
 * @param depth tokens in the cache before
 */
record BenchTest(int prompt, int tokens, int depth) {

  /** Every prompt into an empty cache, and {@code tokens} after every depth; 0 asks for none. */
  static List<BenchTest> of(List<Integer> prompts, int tokens, List<Integer> depths) {
    Stream<BenchTest> read = prompts.stream().filter(p -> p > 0).map(p -> new BenchTest(p, 0, 0));
    Stream<BenchTest> generated = depths.stream().map(d -> new BenchTest(0, tokens, d));
    return (tokens == 0 ? read : Stream.concat(read, generated)).toList();
  }

  /** As llama-bench calls it. */
  String name() {
    String what = prompt > 0 ? "pp" + prompt : "tg" + tokens;
    return depth == 0 ? what : what + " @ d" + depth;
  }

  /** Tokens of the cache that it needs. */
  long context() {
    return 1L + (prompt > 0 ? prompt : Math.max(depth, 1) + (long) tokens);
  }

  /** Which option asks for more than a context holds, and what it may ask for. */
  String tooLongFor(int context) {
    int room = context - 1 - tokens;
    String allowed =
        prompt > 0
            ? "-p: found %d, allowed: up to %d".formatted(prompt, room)
            : room < 1
                ? "-n: found %d, allowed: up to %d".formatted(tokens, context - 2)
                : "-d: found %d, allowed: up to %d before -n %d".formatted(depth, room, tokens);
    return allowed + " in a context of " + context;
  }
}
