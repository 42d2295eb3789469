package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.core.Backend;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.ComputeWork;
import dev.akvavit.plan.DecodeTraffic;
import java.util.List;

/** What the machine allows a model at most, and which share of it a measured speed is. */
record BenchLimits(BenchSubject subject, ModelOptions options, List<Backend.Peak> peaks) {

  BenchReport.Row row(BenchTest test, BenchMeasurement.Series series) {
    if (test.prompt() > 0) {
      double operations = ComputeWork.prefill(config(), active(), test.prompt()) / test.prompt();
      return row(test, series, Double.NaN, operations);
    }
    int context = test.depth() + test.tokens() / 2; // what the middle one needs
    double bytes =
        DecodeTraffic.bytes(config(), subject.decodeWeightBytes(), options.cacheTypes(), context);
    return row(test, series, bytes, ComputeWork.decode(config(), active(), context));
  }

  private BenchReport.Row row(
      BenchTest test, BenchMeasurement.Series series, double bytes, double operations) {
    BenchMeasurement.Rates rates = series.rates();
    double median = rates.median();
    return new BenchReport.Row(
        test.name(),
        median,
        rates.least(),
        rates.most(),
        rates.sorted().length,
        bytes,
        operations,
        series.perRead().map(r -> r.median() * bytes).orElse(Double.NaN),
        peaks.stream().map(p -> median * operations / p.operations()).toList());
  }

  private ModelConfig config() {
    return subject.config();
  }

  private long active() {
    return subject.summary().parameters().active();
  }

  BenchReport report(int threads, List<BenchReport.Row> rows, ReadLog.Summary reads) {
    return new BenchReport(
        subject.name(),
        config().modelType(),
        subject.weightBytes(),
        subject.summary().parameters().total(),
        active(),
        subject.summary().kvBytesPerToken(),
        subject.backend(),
        threads,
        Runtime.version().toString(),
        reads,
        peaks,
        rows);
  }
}
