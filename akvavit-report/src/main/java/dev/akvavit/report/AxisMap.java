package dev.akvavit.report;

/** An axis laid on a drawing: values to points between two ends. */
record AxisMap(Axis axis, Ticks ticks, double start, double end) {

  double at(double value) {
    return start + (end - start) * share(value);
  }

  /** 0 at the axis's begin, 1 at its end. */
  private double share(double value) {
    if (axis.scale() == Scale.LINEAR) {
      return (value - ticks.from()) / (ticks.to() - ticks.from());
    }
    return Math.log(value / ticks.from()) / Math.log(ticks.to() / ticks.from());
  }
}
