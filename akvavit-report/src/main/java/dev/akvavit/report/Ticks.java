package dev.akvavit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Where an axis begins, ends and is labelled: at numbers that people would choose, 1, 2 and 5 times
 * a power of ten, or powers of two for bytes and tokens.
 */
record Ticks(double from, double to, List<Double> at) {

  /** What stands at a tick. */
  String label(Axis axis, double tick) {
    return axis.scale() == Scale.LINEAR ? axis.unit().showBeside(tick, to) : axis.unit().show(tick);
  }

  /** For the values that the axis holds; none at all is an axis from 0 or 1 on. */
  static Ticks of(Axis axis, DoubleStream values, int most) {
    double[] held = values.filter(axis::holds).toArray();
    double min = DoubleStream.of(held).min().orElse(1);
    double max = DoubleStream.of(held).max().orElse(1);
    return axis.scale() == Scale.LINEAR
        ? linear(axis.unit(), Math.min(0, min), Math.max(0, max), most)
        : log(axis.unit().binary(), min, max, most);
  }

  private static Ticks linear(Unit unit, double min, double max, int most) {
    double span = max > min ? max - min : 1;
    double step = unit == Unit.TOKENS ? power(span / most, 2) : niceStep(unit, span, most);
    double from = Math.floor(min / step + 1e-9) * step;
    double to = Math.ceil(Math.max(max, min + span) / step - 1e-9) * step;
    List<Double> at = new ArrayList<>();
    for (long i = Math.round(from / step); i <= Math.round(to / step); i++) {
      at.add(i * step);
    }
    return new Ticks(from, to, at);
  }

  /** 1, 2 or 5 times a power of ten, of bytes in the unit they will be written in. */
  private static double niceStep(Unit unit, double span, int most) {
    double size = unit == Unit.BYTES && span >= 1 ? Math.pow(1024, (int) log(span, 1024)) : 1;
    double rough = span / most / size;
    double ten = Math.pow(10, Math.floor(Math.log10(rough) + 1e-9));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * ten >= rough * (1 - 1e-9)) {
        return factor * ten * size;
      }
    }
    return 10 * ten * size;
  }

  /** The least power of a base that is not less. */
  private static double power(double least, double base) {
    return Math.pow(base, Math.ceil(log(least, base) - 1e-9));
  }

  private static Ticks log(boolean binary, double min, double max, int most) {
    return binary ? powersOfTwo(min, max, most) : decades(min, max, most);
  }

  private static Ticks powersOfTwo(double min, double max, int most) {
    long from = (long) Math.floor(log(min, 2) + 1e-9);
    long to = Math.max(from + 1, (long) Math.ceil(log(max, 2) - 1e-9));
    long step = 1;
    while ((to - from) / step > most) {
      step = step == 1 ? 2 : step == 2 ? 5 : step * 2; // x2, x4, x32, x1024 ...
    }
    List<Double> at = new ArrayList<>();
    for (long e = Math.ceilDiv(from, step) * step; e <= to; e += step) {
      at.add(Math.pow(2, e));
    }
    return new Ticks(Math.pow(2, from), Math.pow(2, to), at);
  }

  private static Ticks decades(double min, double max, int most) {
    List<Double> all = new ArrayList<>(); // 1, 2, 5 of every decade that is met
    int first = (int) Math.floor(log(min, 10) + 1e-9);
    int last = (int) Math.ceil(log(Math.max(max, min * 2), 10) - 1e-9);
    for (int e = first; e <= last; e++) {
      for (int factor : new int[] {1, 2, 5}) {
        all.add(e < 0 ? factor / Math.pow(10, -e) : factor * Math.pow(10, e));
      }
    }
    double from = all.stream().filter(t -> t <= min * (1 + 1e-9)).reduce((a, b) -> b).orElse(min);
    double over = Math.max(max, from * 2);
    double to = all.stream().filter(t -> t >= over * (1 - 1e-9)).findFirst().orElse(over);
    List<Double> fine = all.stream().filter(t -> t >= from && t <= to).toList();
    if (fine.size() <= most) {
      return new Ticks(from, to, fine);
    }
    int step = Math.max(1, Math.ceilDiv(last - first, most));
    List<Double> coarse =
        fine.stream()
            .filter(t -> {
              double e = log(t, 10);
              return Math.abs(e - Math.rint(e)) < 1e-6 && Math.rint(e) % step == 0;
            })
            .toList();
    return new Ticks(from, to, coarse);
  }

  private static double log(double value, double base) {
    return Math.log(value) / Math.log(base);
  }
}
