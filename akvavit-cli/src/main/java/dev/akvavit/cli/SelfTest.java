package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelOptions;
import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.defaultmodel.DefaultModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether the kernels of this JVM are as fast as this machine lets them be: {@code bench
 * --self-test}.
 *
 * <p>C2 decides anew in every JVM, by what ran before, which calls of the Vector API it inlines; a
 * loop it gets wrong boxes its vectors and is five to fifty times slower, silently. So the model
 * that ships runs first, then every kernel in turn, as in a long-lived process; only then is each
 * timed, beside what memory and arithmetic give in the same minute. Floors are far below what
 * healthy kernels reach, so a busy machine fails none.
 */
final class SelfTest {
  private static final Duration LIMIT_TIME = Duration.ofMillis(500);
  private static final Duration MODEL_TIME = Duration.ofSeconds(2);
  private static final long MIX_NANOS = 60_000_000;
  private static final int MIX_ROUNDS = 3;
  private static final long SAMPLE_NANOS = 15_000_000;
  private static final int SAMPLES = 5;

  private SelfTest() {}

  /**
   * One kernel.
   *
   * @param rate bytes or operations a second, the best of several samples
   * @param share of the limit
   */
  record Row(String kernel, String limit, double rate, double share, double floor, boolean passed) {
    static Row of(KernelProbes.Probe probe, double rate, double reads, double operations) {
      double limit =
          switch (probe.limit()) {
            case READS -> reads;
            case F32 -> operations;
          };
      double share = rate / limit;
      boolean passed = share >= probe.floor();
      return new Row(probe.name(), probe.limit().name(), rate, share, probe.floor(), passed);
    }

    String markdown() {
      String figure =
          limit.equals(KernelProbes.Limit.READS.name())
              ? Amounts.gigabytesPerSecond(rate)
              : Amounts.operationsPerSecond(rate);
      return String.format(
          Locale.ROOT,
          "| %s | %s | %.1f %% of %s | %.1f %% | %s |",
          kernel,
          figure,
          100 * share,
          limit,
          100 * floor,
          passed ? "ok" : "**too slow**");
    }
  }

  /** All kernels, and the limits they are judged by. */
  record Report(
      String backend,
      List<String> paths,
      String java,
      double readBytesPerSecond,
      double operationsPerSecond,
      boolean passed,
      List<Row> rows) {

    List<String> markdown() {
      List<String> lines = new ArrayList<>();
      lines.add("| kernel | rate | share | floor | |");
      lines.add("| --- | ---: | ---: | ---: | --- |");
      rows.forEach(row -> lines.add(row.markdown()));
      return lines;
    }

    List<String> notes() {
      return List.of(
          backend + ", Java " + java,
          String.join("; ", paths),
          "READS: %s, F32: %s, measured in this run"
              .formatted(
                  Amounts.gigabytesPerSecond(readBytesPerSecond),
                  Amounts.operationsPerSecond(operationsPerSecond)));
    }

    /** Kernels under their floors. */
    List<String> slow() {
      return rows.stream().filter(r -> !r.passed()).map(Row::kernel).toList();
    }
  }

  /** Takes about half a minute, the more the slower the machine. */
  static Report run(Screen screen, ModelOptions options) {
    int threads = options.threads();
    int processors = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    double reads = MachineSpeed.readBytesPerSecond(processors, LIMIT_TIME);
    try (Progress _ = Progress.show(screen, "timing kernels")) {
      runModel(options);
      try (Opened opened = new Opened(options)) {
        Backend backend = opened.usual;
        double operations =
            backend.peaks(LIMIT_TIME).stream()
                .findFirst()
                .map(Backend.Peak::operations)
                .orElseThrow(() ->
                    new CommandException(
                        "backend " + options.backend() + " cannot say what arithmetic it has"));
        List<Row> rows = measure(opened.probes(), reads, operations);
        return new Report(
            backend.description(),
            backend.paths(),
            Runtime.version().toString(),
            reads,
            operations,
            rows.stream().allMatch(Row::passed),
            rows);
      }
    }
  }

  /** A backend for each way to round the inputs of products, and one for all else. */
  private static final class Opened implements AutoCloseable {
    private final List<Backend> backends = new ArrayList<>();
    private final List<KernelProbes> probes = new ArrayList<>();
    final Backend usual;

    Opened(ModelOptions options) {
      usual = open(options, options.activations());
      boolean fastBytes = Machine.read().features().contains("avx512_vnni"); // whatever runs
      for (ActivationPrecision inputs : ActivationPrecision.values()) {
        if (inputs != ActivationPrecision.AUTO) { // one of the others
          probes.add(KernelProbes.productsOf(open(options, inputs), inputs, fastBytes));
        }
      }
      probes.add(KernelProbes.others(usual));
    }

    private Backend open(ModelOptions options, ActivationPrecision inputs) {
      Backend.Settings settings =
          new Backend.Settings(options.threads(), options.machineCode(), inputs);
      Backend backend = MachineSpeed.provider(options.backend()).open(settings);
      backends.add(backend);
      return backend;
    }

    List<KernelProbes.Probe> probes() {
      return probes.stream().flatMap(p -> p.all().stream()).toList();
    }

    /** Backends before what they read. */
    @Override
    public void close() {
      backends.forEach(Backend::close);
      probes.forEach(KernelProbes::close);
    }
  }

  private static void runModel(ModelOptions options) {
    long until = System.nanoTime() + MODEL_TIME.toNanos();
    try (LanguageModel model = LanguageModel.open(DefaultModel.folder(), options)) {
      BenchMeasurement measurement =
          new BenchMeasurement(model.engine(), model.config().vocabulary());
      do {
        measurement.run(64, 16);
      } while (System.nanoTime() < until);
    }
  }

  private static List<Row> measure(
      List<KernelProbes.Probe> probes, double reads, double operations) {
    for (int i = 0; i < MIX_ROUNDS; i++) {
      probes.forEach(p -> secondsOfOne(p.run(), MIX_NANOS));
    }
    double[] best = new double[probes.size()];
    for (int s = 0; s < SAMPLES; s++) {
      for (int i = 0; i < best.length; i++) {
        KernelProbes.Probe p = probes.get(i);
        best[i] = Math.max(best[i], p.work() / secondsOfOne(p.run(), SAMPLE_NANOS));
      }
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < best.length; i++) {
      rows.add(Row.of(probes.get(i), best[i], reads, operations));
    }
    return rows;
  }

  /** Of as many as fill a time, the fastest. */
  private static double secondsOfOne(Runnable run, long nanos) {
    long begun = System.nanoTime();
    long best = Long.MAX_VALUE;
    long end;
    do {
      long start = System.nanoTime();
      run.run();
      end = System.nanoTime();
      best = Math.min(best, end - start);
    } while (end - begun < nanos);
    return best / 1e9;
  }
}
