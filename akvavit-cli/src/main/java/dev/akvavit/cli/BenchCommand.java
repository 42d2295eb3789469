package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.Planning;
import dev.akvavit.RandomModel;
import dev.akvavit.core.IndexPrecision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code akvavit bench}: how fast prompts are read and answers generated. */
@Command(
    name = "bench",
    header = "Measure speed: prompts read, tokens generated at given depths.",
    description = {
      "Prints medians in a llama-bench-shaped table. Prompts are random and never the same, so no"
          + " cached prefix helps.",
      "A warm-up comes first and is not counted; memory is read before and after each repetition."
    },
    footer = {
      "  akvavit bench",
      "  akvavit bench -p 512,2048 -n 64 -d 0,512,2048 -r 5",
      "  akvavit bench --random llama-3.2-1b:q8_0 -p 512 -d 0 -r 3",
      "  akvavit bench -b 1,8 -d 0,2048",
      "  akvavit bench --self-test",
      "  akvavit bench --depth-chart docs/decode-at-depth.md -r 5",
      "  akvavit bench --compare -m model.gguf -p 512 -d 0,2048",
    })
final class BenchCommand implements Callable<Integer> {
  private static final Duration MEMORY_TIME = Duration.ofSeconds(1);
  private static final Duration READ_TIME = Duration.ofMillis(150); // beside each repetition
  private static final Duration PEAK_TIME = Duration.ofMillis(300);
  private static final Duration WARM_UP_TIME = Duration.ofSeconds(3);
  private static final int WARM_UP_PROMPT = 128;
  private static final int WARM_UP_TOKENS = 32;
  private static final int LEAST_ROUNDS = 3;

  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = {"-p", "--prompt-tokens"},
      split = ",",
      paramLabel = "N",
      defaultValue = "512",
      description = "Lengths of prompts; 0 for no such test. Default: 512.")
  private List<Integer> prompts = List.of();

  @Option(
      names = {"-n", "--tokens"},
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens to generate; 0 for no such test. Default: 64.")
  private int tokens;

  @Option(
      names = {"-d", "--depths"},
      split = ",",
      paramLabel = "N",
      defaultValue = "0,512",
      description = "Tokens in the cache before generating. Default: 0,512.")
  private List<Integer> depths = List.of();

  @Option(
      names = {"-b", "--batch"},
      split = ",",
      paramLabel = "N",
      description =
          "Sequences that generate together, such as 1,8: tokens a second of all, of each, and as a"
              + " multiple of one alone. Reads no prompts for time (-p).")
  private List<Integer> batches = List.of();

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      defaultValue = "3",
      description = "Repetitions of each test. Default: 3.")
  private int repetitions;

  @Option(
      names = "--random",
      paramLabel = "SHAPE[:TYPE]",
      description =
          "Random weights of a known shape instead of a model, such as llama-3.2-1b:bf16 or"
              + " deepseek-v2-lite:q4_0.")
  private @Nullable String shape;

  @Option(
      names = "--compare",
      description =
          "Run a peer from the PATH in turn with ours on the same model and print the ratio of"
              + " medians: llama.cpp's llama-bench on a GGUF file, jlama on a folder. Takes at least"
              + " three rounds, and the peer's best settings.")
  private boolean compare;

  @Option(
      names = "--compare-with",
      paramLabel = "FILE",
      description = "The same with this llama-bench (ik_llama.cpp's too) or jlama.")
  private @Nullable Path peer;

  @Option(
      names = "--self-test",
      description =
          "Time every hot kernel alone, after a mix of all, and fail if one lies under its floor:"
              + " a share of what the machine's memory or arithmetic gives in the same run.")
  private boolean selfTest;

  @Option(
      names = "--depth-chart",
      paramLabel = "FILE.md",
      description =
          "Measure one shape with each attention mechanism against growing depths (-d, at most"
              + " 32768 by default) and put chart and table into this page.")
  private @Nullable Path depthChart;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  BenchCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    require(tokens >= 0, "-n: found " + tokens + ", allowed: 0 or more");
    require(repetitions > 0, "-r: found " + repetitions + ", allowed: 1 or more");
    prompts.forEach(p -> require(p >= 0, "-p: found " + p + ", allowed: 0 or more"));
    batches.forEach(b ->
        require(
            b > 0 && b <= BatchTest.MOST, "-b: found " + b + ", allowed: 1 to " + BatchTest.MOST));
    depths.forEach(d -> require(d >= 0, "-d: found " + d + ", allowed: 0 or more"));
    requireOneOf("--self-test", selfTest, "--depth-chart", depthChart != null);
    boolean compared = compare || peer != null;
    requireOneOf("-b", !batches.isEmpty(), "--compare", compared);
    requireOneOf("-m", model.isGiven(), "--random", shape != null);
    boolean chosen = model.isGiven() || shape != null || !batches.isEmpty() || compared;
    requireOneOf("--self-test", selfTest, "-m, --random, -b or --compare", chosen);
    requireOneOf("--self-test", selfTest, "-p, -n, -d or -r", given("-p", "-n", "-d", "-r"));
    requireOneOf("--depth-chart", depthChart != null, "-m, --random, -b or --compare", chosen);
    requireOneOf("--depth-chart", depthChart != null, "-p or -n", given("-p", "-n"));
    if (selfTest) {
      return selfTest();
    }
    if (depthChart != null) {
      return depthChart(depthChart);
    }
    List<BenchTest> tests = BenchTest.of(prompts, tokens, depths);
    require(!tests.isEmpty(), "-p 0 -n 0: found nothing to measure, allowed: one of them above 0");
    if (!batches.isEmpty()) {
      return together();
    }
    Peer found = compared ? peer() : null;
    ModelOptions options = options(tests);
    int threads = threads(options);
    if (found != null) {
      compare(found, tests, options, threads);
    } else {
      measure(tests, options, threads);
    }
    return ExitCode.OK;
  }

  /** With a context as long as the longest test, unless one is asked for. */
  private ModelOptions options(List<BenchTest> tests) {
    ModelOptions given = model.options();
    int most = most(given);
    tests.forEach(t -> require(t.context() <= most, t.tooLongFor(most)));
    long needed = tests.stream().mapToLong(BenchTest::context).max().orElse(WARM_UP_PROMPT);
    return given.context() == 0 ? given.withContext((int) needed) : given;
  }

  /** The longest context: the one asked for, or the model's. */
  private int most(ModelOptions given) {
    if (given.context() > 0) {
      return given.context();
    }
    return shape == null
        ? Planning.of(model.path(screen).toString(), IndexPrecision.EXACT)
            .model()
            .shape()
            .maxPositions()
        : RandomModel.maxPositions(shape);
  }

  private static int threads(ModelOptions options) {
    return options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
  }

  private void require(boolean holds, String message) {
    if (!holds && spec != null) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private void requireOneOf(String one, boolean hasOne, String other, boolean hasOther) {
    require(!hasOne || !hasOther, one + ": found " + other + " beside it, allowed: one of them");
  }

  private boolean given(String... options) {
    return spec != null
        && Stream.of(options).anyMatch(spec.commandLine().getParseResult()::hasMatchedOption);
  }

  private BenchSubject open(ModelOptions options) {
    if (shape == null) {
      return BenchSubject.of(model.name(), model.open(screen, options));
    }
    RandomModel random;
    try (Progress _ = Progress.show(screen, "making random weights")) {
      random = RandomModel.open(shape, options);
    }
    if (random.matrixTypes().size() > 1) {
      screen.tell("note: rows of no whole blocks got the next type: " + types(random));
    }
    return BenchSubject.of(shape, random);
  }

  private static String types(RandomModel random) {
    return random.matrixTypes().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + " in " + e.getValue())
        .collect(Collectors.joining(", ", "", " matrices"));
  }

  private int depthChart(Path page) {
    List<Integer> chosen = given("-d") ? depths : DepthCurves.DEPTHS;
    DepthPage.text(page); // which says before minutes of measuring what is wrong with it
    int threads = Runtime.getRuntime().availableProcessors();
    double readRate = MachineSpeed.readBytesPerSecond(threads, MEMORY_TIME);
    AtomicInteger done = new AtomicInteger();
    DepthCurves curves;
    int samples = DepthCurves.samples(chosen, repetitions);
    try (Progress _ = Progress.show(screen, "measuring", samples, done::get)) {
      curves = DepthCurves.measure(DepthCurves.Slice.FOUR, chosen, repetitions, done::set);
    }
    String notes =
        "%s, %s; Java %s; memory reads %s in the same run; medians of %d interleaved repetitions."
            .formatted(
                Machine.read().cpu(),
                curves.backend(),
                Runtime.version(),
                Amounts.gigabytesPerSecond(readRate),
                repetitions);
    DepthPage written = new DepthPage(curves, notes);
    try {
      written.write(page);
    } catch (IOException e) {
      throw new CommandException(
          "--depth-chart: " + page + " cannot be written: " + e.getMessage());
    }
    print(curves, written.markdown(), List.of(notes));
    return ExitCode.OK;
  }

  private int selfTest() {
    SelfTest.Report report = SelfTest.run(screen, model.options());
    print(report, report.markdown(), report.notes());
    if (report.passed()) {
      return ExitCode.OK;
    }
    screen.tell(
        screen.redErr("akvavit: ")
            + "under their floors, try again on an idle machine: "
            + String.join("; ", report.slow()));
    return ExitCode.FAILURE;
  }

  private Peer peer() {
    require(shape == null, "--compare: found --random, allowed: -m with a GGUF file or a folder");
    Path file = model.path(screen);
    return peer == null
        ? Peers.find(System.getenv().getOrDefault("PATH", ""), file)
        : Peers.at(peer, file);
  }

  private void compare(Peer found, List<BenchTest> tests, ModelOptions options, int threads) {
    double readRate = MachineSpeed.readBytesPerSecond(threads, MEMORY_TIME);
    Path file = model.path(screen);
    int rounds = Math.max(LEAST_ROUNDS, repetitions);
    ComparisonReport report =
        new BenchComparison(found, file, threads, rounds, tests)
            .run(screen, () -> ready(options), readRate);
    print(report, report.markdown(), report.notes());
  }

  private BenchComparison.Ready ready(ModelOptions options) {
    BenchSubject subject = open(options);
    BenchMeasurement measurement =
        new BenchMeasurement(subject.engine(), subject.config().vocabulary());
    warmUp(measurement, options.context());
    return new BenchComparison.Ready(measurement, subject.backend(), subject);
  }

  private void measure(List<BenchTest> tests, ModelOptions options, int threads) {
    List<BenchReport.Row> rows = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    try (BenchSubject s = open(options)) {
      BenchLimits limits = new BenchLimits(s, options, s.peaks().apply(PEAK_TIME));
      BenchMeasurement measurement = new BenchMeasurement(s.engine(), s.config().vocabulary());
      warmUp(measurement, options.context());
      ReadLog.Summary readings;
      try (Progress _ = Progress.show(screen, "measuring", tests.size(), done::get);
          ReadLog reads = new ReadLog(s.reads().get(), READ_TIME)) {
        for (BenchTest test : tests) {
          rows.add(limits.row(test, measurement.repeated(test, repetitions, reads)));
          done.incrementAndGet();
        }
        readings = reads.summary();
      }
      BenchReport report = limits.report(threads, rows, readings);
      print(report, report.markdown(), report.notes());
    }
  }

  private int together() {
    require(tokens > 0, "-n: found 0, allowed with -b: 1 or more");
    List<BatchTest> tests = BatchTest.of(batches, tokens, depths);
    int most = most(model.options());
    int step = model.options().maxTokensPerStep();
    tests.forEach(t -> require(t.context(step) <= most, t.tooLongFor(most, step)));
    ModelOptions options = BatchTest.room(tests, model.options());
    double readRate = MachineSpeed.readBytesPerSecond(threads(options), MEMORY_TIME);
    AtomicInteger done = new AtomicInteger();
    try (BenchSubject s = open(options)) {
      BenchMeasurement measurement = new BenchMeasurement(s.engine(), s.config().vocabulary());
      warmUp(measurement, options.context());
      List<BatchTest> warm = BatchTest.of(batches, Math.min(tokens, WARM_UP_TOKENS), List.of(0));
      measurement.together(warm, options.maxTokensPerStep(), 1, new AtomicInteger());
      List<BenchMeasurement.Rates> rates;
      int steps = tests.size() * repetitions;
      try (Progress _ = Progress.show(screen, "measuring", steps, done::get)) {
        rates = measurement.together(tests, options.maxTokensPerStep(), repetitions, done);
      }
      BatchReport report =
          new BatchReport(
              s.name(),
              s.weightBytes(),
              s.backend(),
              threads(options),
              Runtime.version().toString(),
              readRate,
              repetitions,
              BatchReport.rows(tests, rates));
      print(report, report.markdown(), report.notes());
    }
    return ExitCode.OK;
  }

  private void print(Record report, List<String> table, List<String> notes) {
    if (json) {
      screen.json(report);
      return;
    }
    table.forEach(screen::say);
    screen.out().println();
    notes.forEach(note -> screen.say(screen.dimOut(note)));
  }

  /** Until the loops are compiled, which takes a while and not a number of tokens. */
  private void warmUp(BenchMeasurement measurement, int context) {
    long until = System.nanoTime() + WARM_UP_TIME.toNanos();
    try (Progress _ = Progress.show(screen, "warming up")) {
      do {
        measurement.run(
            Math.min(WARM_UP_PROMPT, context / 2), Math.min(WARM_UP_TOKENS, context / 2));
      } while (System.nanoTime() < until);
    }
  }
}
