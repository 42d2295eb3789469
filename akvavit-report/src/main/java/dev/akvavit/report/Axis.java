package dev.akvavit.report;

/**
 * One direction of a chart.
 *
 * @param label what is counted, as words: {@code context}, {@code cache of one user}
 * @param unit how its values are written, and where its ticks stand
 */
public record Axis(String label, Unit unit, Scale scale) {

  public static Axis linear(String label, Unit unit) {
    return new Axis(label, unit, Scale.LINEAR);
  }

  public static Axis log(String label, Unit unit) {
    return new Axis(label, unit, Scale.LOG);
  }

  /** Whether a value has a place on it. */
  boolean holds(double value) {
    return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
  }
}
