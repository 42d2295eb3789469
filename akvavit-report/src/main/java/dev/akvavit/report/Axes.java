package dev.akvavit.report;

/** Axes, their ticks and grid, as SVG. */
final class Axes {
  private static final double GAP = 8; // least room between two labels

  private final Markup out;

  Axes(Markup out) {
    this.out = out;
  }

  /** The axis that lies: labels below, its name at the right end. */
  Axes below(AxisMap axis, double top, double bottom) {
    out.open("g", "class", "axis");
    double free = 0;
    for (double tick : axis.ticks().at()) {
      double at = axis.at(tick);
      rule("grid", at, top, at, bottom);
      String label = axis.ticks().label(axis.axis(), tick);
      double half = Frame.widthOf(label) / 2;
      if (at - half >= free) {
        text(out, "tick", "middle", at, bottom + 19, label);
        free = at + half + GAP;
      }
    }
    rule("rule", axis.start(), bottom, axis.end(), bottom);
    text(out, "label", "end", axis.end(), bottom + 39, axis.axis().label());
    out.close().line();
    return this;
  }

  /** The axis that stands: labels left of it, its name above. */
  Axes beside(AxisMap axis, double left, double right) {
    out.open("g", "class", "axis");
    for (double tick : axis.ticks().at()) {
      double at = axis.at(tick);
      rule("grid", left, at, right, at);
      text(out, "tick", "end", left - 7, at + 4.5, axis.ticks().label(axis.axis(), tick));
    }
    text(out, "label", "start", 2, axis.end() - 14, axis.axis().label());
    out.close().line();
    return this;
  }

  private void rule(String kind, double x1, double y1, double x2, double y2) {
    out.empty(
        "line",
        "class",
        kind,
        "x1",
        Markup.number(x1),
        "y1",
        Markup.number(y1),
        "x2",
        Markup.number(x2),
        "y2",
        Markup.number(y2));
  }

  static void text(Markup out, String kind, String anchor, double x, double y, String text) {
    out.leaf(
        "text",
        text,
        "class",
        kind,
        "text-anchor",
        anchor,
        "x",
        Markup.number(x),
        "y",
        Markup.number(y));
  }
}
