package dev.akvavit.cli;

import dev.akvavit.plan.Curve;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.report.Axis;
import dev.akvavit.report.Chart;
import dev.akvavit.report.LineChart;
import dev.akvavit.report.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A plan as charts: each attention mechanism a line over growing contexts. */
final class PlanCharts {
  private static final Axis CONTEXT = Axis.log("context, tokens", Unit.TOKENS);

  private final PlanReport plan;

  PlanCharts(PlanReport plan) {
    this.plan = plan;
  }

  List<Chart> all() {
    List<Chart> charts = new ArrayList<>(List.of(cache()));
    if (plan.curves().stream().flatMap(c -> c.points().stream()).anyMatch(p -> p.users() > 0)) {
      charts.add(users()); // where the weights alone do not fit there is nothing to draw
    }
    if (plan.machine().bandwidth() > 0) {
      charts.add(ceiling());
    }
    return List.copyOf(charts);
  }

  private Chart cache() {
    return new LineChart(
        plan.model() + ": cache against context",
        "What one user leaves in the cache, in whole pages. The thick line is the model as it is.",
        CONTEXT,
        Axis.log("cache of one user", Unit.BYTES),
        lines(Curve.Point::cacheBytes));
  }

  private Chart users() {
    return new LineChart(
        plan.model() + ": users against context",
        text(
            "Users who fit at once into %s beside the weights; a line ends where not one does.",
            Amounts.bytes(plan.memory())),
        CONTEXT,
        Axis.log("users at once", Unit.NUMBER),
        lines(Curve.Point::users));
  }

  private Chart ceiling() {
    return new LineChart(
        plan.model() + ": tokens a second against context",
        text(
            "What %s of memory reads allow one user at most: active weights once a token, and the"
                + " rows that attention looks at.",
            PlanPage.rate(plan.machine().bandwidth())),
        CONTEXT,
        Axis.log("tokens a second at most", Unit.NUMBER),
        lines(Curve.Point::tokensPerSecond));
  }

  private List<LineChart.Line> lines(ToDoubleFunction<Curve.Point> value) {
    List<LineChart.Line> lines = new ArrayList<>();
    for (Curve c : plan.curves()) {
      List<LineChart.Point> points =
          c.points().stream()
              .map(p -> new LineChart.Point(p.context(), value.applyAsDouble(p)))
              .toList();
      lines.add(new LineChart.Line(c.mechanism(), points, c.own()));
    }
    return lines;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
