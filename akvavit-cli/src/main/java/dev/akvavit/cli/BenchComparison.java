package dev.akvavit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Runs a peer and us in turn, A B A B, so that a machine that slows down slows both. The peer is a
 * process of its own each time; our model is closed meanwhile, so that neither holds memory or
 * threads while the other is timed. What the JVM has compiled stays compiled, as in a server.
 */
final class BenchComparison {
  /**
   * A model just opened and warmed up.
   *
   * @param backend who computes, for people
   */
  record Ready(BenchMeasurement measurement, String backend, BenchSubject subject)
      implements AutoCloseable {
    @Override
    public void close() {
      subject.close();
    }
  }

  private final Peer peer;
  private final Path model;
  private final int threads;
  private final int rounds;
  private final List<Contest> contests;
  private String version = "";
  private String backend = "";

  BenchComparison(Peer peer, Path model, int threads, int rounds, List<BenchTest> tests) {
    this.peer = peer;
    this.model = model;
    this.threads = threads;
    this.rounds = rounds;
    contests = tests.stream().map(t -> new Contest(t, rounds)).toList();
  }

  /** One test's figures as they come in. */
  private static final class Contest {
    final BenchTest test;
    final double[] ours;
    final double[] theirs;
    final List<ComparisonReport.Trial> trials = new ArrayList<>();
    Peer.Setting best = Peer.Setting.DEFAULTS;

    Contest(BenchTest test, int rounds) {
      this.test = test;
      ours = new double[rounds];
      theirs = new double[rounds];
    }

    ComparisonReport.Row row() {
      ComparisonReport.Samples us = ComparisonReport.Samples.of(ours);
      ComparisonReport.Samples them = ComparisonReport.Samples.of(theirs);
      double ratio = us.median() / them.median();
      return new ComparisonReport.Row(test.name(), us, them, best.name(), ratio, trials);
    }
  }

  /** Tries the peer's settings, then measures all rounds. */
  ComparisonReport run(Screen screen, Supplier<Ready> opened, double readRate) {
    AtomicInteger done = new AtomicInteger();
    try (Progress _ = Progress.show(screen, "comparing", 1 + 2L * rounds, done::get)) {
      contests.forEach(this::trial);
      done.incrementAndGet();
      for (int round = 0; round < rounds; round++) {
        measureOurs(opened, round);
        done.incrementAndGet();
        for (Contest c : contests) {
          c.theirs[round] = rate(c.best, c.test);
        }
        done.incrementAndGet();
      }
    }
    return new ComparisonReport(
        model.getFileName().toString(),
        backend,
        Runtime.version().toString(),
        version,
        threads,
        rounds,
        readRate,
        peer.notes(),
        contests.stream().map(Contest::row).toList());
  }

  /** A setting may be unknown to an old build; one must work. */
  private void trial(Contest c) {
    double most = 0;
    Peer.FailedException failure = null;
    for (Peer.Setting setting : peer.settings()) {
      double rate = Double.NaN;
      try {
        rate = rate(setting, c.test);
      } catch (Peer.FailedException e) {
        failure = e;
      }
      c.trials.add(new ComparisonReport.Trial(setting.name(), rate));
      if (rate > most) {
        most = rate;
        c.best = setting;
      }
    }
    if (most == 0) {
      throw new CommandException(
          failure == null
              ? peer.name() + " generated nothing in " + c.test.name()
              : String.valueOf(failure.getMessage()));
    }
  }

  private double rate(Peer.Setting setting, BenchTest test) {
    Peer.Result result = peer.run(model, threads, setting, test);
    version = result.version();
    return result.rate();
  }

  private void measureOurs(Supplier<Ready> opened, int round) {
    try (Ready ready = opened.get()) {
      backend = ready.backend();
      for (Contest c : contests) {
        c.ours[round] = ready.measurement().once(c.test);
      }
    }
  }
}
