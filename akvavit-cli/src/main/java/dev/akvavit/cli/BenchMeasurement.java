package dev.akvavit.cli;

import dev.akvavit.core.Sampling;
import dev.akvavit.engine.Engine;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Request;
import dev.akvavit.engine.TokenSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Times requests of random tokens on an engine, one at a time. Each prompt is fresh, so no cached
 * prefix helps, and no token ends an answer, so each is as long as asked.
 */
final class BenchMeasurement {
  private static final int[] NO_STOPS = {};

  private final Engine engine;
  private final int vocabulary;
  private final SplittableRandom random = new SplittableRandom(1);

  BenchMeasurement(Engine engine, int vocabulary) {
    this.engine = engine;
    this.vocabulary = vocabulary;
  }

  /** Tokens a second of several repetitions, slowest first. */
  record Rates(double[] sorted) {
    static Rates of(List<Double> rates) {
      return new Rates(rates.stream().mapToDouble(r -> r).sorted().toArray());
    }

    double median() {
      int n = sorted.length;
      return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    double least() {
      return sorted[0];
    }

    double most() {
      return sorted[sorted.length - 1];
    }
  }

  /**
   * Repetitions of a test.
   *
   * @param rates tokens a second
   * @param perRead the same over the bytes a second that memory gave beside each; none for prompts
   */
  record Series(Rates rates, Optional<Rates> perRead) {}

  /** Reads memory before and after every repetition where tokens are generated. */
  Series repeated(BenchTest test, int repetitions, ReadLog reads) {
    List<Double> rates = new ArrayList<>();
    if (test.prompt() > 0) {
      for (int i = 0; i < repetitions; i++) {
        rates.add(once(test));
      }
      return new Series(Rates.of(rates), Optional.empty());
    }
    List<Double> perRead = new ArrayList<>();
    double before = reads.now();
    for (int i = 0; i < repetitions; i++) {
      rates.add(once(test));
      double after = reads.now();
      perRead.add(rates.get(i) / ((before + after) / 2));
      before = after;
    }
    return new Series(Rates.of(rates), Optional.of(Rates.of(perRead)));
  }

  /**
   * Tokens a second. An empty context has no token to go on from, so generation begins after one at
   * least.
   */
  double once(BenchTest test) {
    if (test.prompt() > 0) {
      return test.prompt() / Statistics.seconds(run(test.prompt(), 1).prefill());
    }
    int generated = test.tokens() + 1; // the first is prefill's
    return test.tokens() / Statistics.seconds(run(Math.max(test.depth(), 1), generated).decode());
  }

  /**
   * Tokens a second of all sequences of each test together, the tests interleaved.
   *
   * @param stepTokens of the engine
   * @param done counts what is measured
   */
  List<Rates> together(List<BatchTest> tests, int stepTokens, int repetitions, AtomicInteger done) {
    double[][] rates = new double[tests.size()][repetitions];
    for (int r = 0; r < repetitions; r++) {
      for (int t = 0; t < rates.length; t++) {
        rates[t][r] = together(tests.get(t), stepTokens);
        done.incrementAndGet();
      }
    }
    Arrays.stream(rates).forEach(Arrays::sort);
    return Arrays.stream(rates).map(Rates::new).toList();
  }

  private double together(BatchTest test, int stepTokens) {
    TogetherWindow window = new TogetherWindow(test.sequences(), test.tokens());
    for (int i = 0; i < test.sequences(); i++) {
      int[] prompt = prompt(test.prompt());
      int most = test.most(stepTokens);
      engine.submit(new Request(prompt, most, NO_STOPS, Sampling.GREEDY), window.sink());
    }
    try {
      return test.sequences() * test.tokens() / window.seconds();
    } catch (CompletionException e) {
      throw new CommandException("the measurement ended early: " + e.getMessage());
    }
  }

  private int[] prompt(int tokens) {
    return random.ints(tokens, 0, vocabulary).toArray();
  }

  /** One request, alone on the engine; what it cost. */
  GenerationStats run(int promptTokens, int maxTokens) {
    int[] prompt = prompt(promptTokens);
    CompletableFuture<GenerationStats> end = new CompletableFuture<>();
    engine.submit(new Request(prompt, maxTokens, NO_STOPS, Sampling.GREEDY), sink(end));
    try {
      return end.join();
    } catch (CompletionException e) {
      throw new CommandException("the measurement ended early: " + e.getMessage());
    }
  }

  private static TokenSink sink(CompletableFuture<GenerationStats> end) {
    return new TokenSink() {
      @Override
      public boolean token(int id, LogProbs logProbs) {
        return true;
      }

      @Override
      public void finished(FinishReason reason, String detail, GenerationStats stats) {
        if (reason == FinishReason.LENGTH) {
          end.complete(stats);
        } else {
          end.completeExceptionally(new IllegalStateException(reason + " " + detail));
        }
      }
    };
  }
}
