package dev.akvavit.cli;

import dev.akvavit.core.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What memory gave, time and again during a run: a shared machine drifts within a minute, so a
 * speed is judged by what was read right before and right after it.
 */
final class ReadLog implements AutoCloseable {
  private final Backend.ReadProbe probe;
  private final Duration each;
  private final List<Double> rates = new ArrayList<>();

  ReadLog(Backend.ReadProbe probe, Duration each) {
    this.probe = probe;
    this.each = each;
  }

  /**
   * What was read.
   *
   * @param probe which memory, and how
   * @param median bytes a second, as the others
   */
  record Summary(String probe, int times, double median, double least, double most) {}

  /** Bytes a second just now. */
  double now() {
    double rate = probe.bytesPerSecond(each);
    rates.add(rate);
    return rate;
  }

  /** Of all so far; measures once where nothing was. */
  Summary summary() {
    if (rates.isEmpty()) {
      now();
    }
    BenchMeasurement.Rates all = BenchMeasurement.Rates.of(rates);
    return new Summary(probe.description(), rates.size(), all.median(), all.least(), all.most());
  }

  @Override
  public void close() {
    probe.close();
  }
}
