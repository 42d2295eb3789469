package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.core.Backend;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.ComputeWork;
import dev.akvavit.plan.DecodeTraffic;
import java.util.List;

/**
 * What the machine allows a model at most, and which share of it a measured speed is.
 *
 * @param readRate bytes a second
 */
record BenchLimits(
    BenchSubject subject, ModelOptions options, double readRate, List<Backend.Peak> peaks) {

  /** A prompt of so many tokens. */
  BenchReport.Row prompt(int tokens, BenchMeasurement.Rates rates) {
    double operations = ComputeWork.prefill(config(), active(), tokens) / tokens;
    return row("pp" + tokens, rates, Double.NaN, operations);
  }

  /** So many tokens generated after {@code depth} others; judged by what the middle one needs. */
  BenchReport.Row generated(int tokens, int depth, BenchMeasurement.Rates rates) {
    int context = depth + tokens / 2;
    double bytes =
        DecodeTraffic.bytes(config(), subject.decodeWeightBytes(), options.cacheType(), context);
    String test = "tg" + tokens + (depth == 0 ? "" : " @ d" + depth);
    return row(test, rates, bytes, ComputeWork.decode(config(), active(), context));
  }

  private BenchReport.Row row(
      String test, BenchMeasurement.Rates rates, double bytes, double operations) {
    double median = rates.median();
    return new BenchReport.Row(
        test,
        median,
        rates.least(),
        rates.most(),
        rates.sorted().length,
        bytes,
        operations,
        median * bytes / readRate,
        peaks.stream().map(p -> median * operations / p.operations()).toList());
  }

  private ModelConfig config() {
    return subject.config();
  }

  private long active() {
    return subject.summary().parameters().active();
  }
}
