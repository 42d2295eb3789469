package dev.akvavit.report;

import java.util.stream.DoubleStream;

/** Draws a bar chart in one frame: a row a category, a bar a group, its value at its end. */
final class BarPlot implements Plot {
  private static final double THICK = 16;
  private static final double ROOM = 14; // between categories

  private final BarChart chart;
  private final Frame frame;
  private final double top;
  private final double rowHeight;
  private final double bottom;
  private final double left;
  private final AxisMap values;

  BarPlot(BarChart chart, Frame frame, double top) {
    this.chart = chart;
    this.frame = frame;
    boolean wide = frame == Frame.WIDE;
    this.top = top + (hasLegend() ? Frame.LINE * chart.groups().size() + 8 : 8);
    rowHeight = (wide ? 0 : Frame.LINE) + THICK * chart.groups().size() + ROOM;
    bottom = this.top + rowHeight * chart.categories().size();
    double names = chart.categories().stream().mapToDouble(Frame::widthOf).max().orElse(0);
    left = wide ? Math.min(260, names + 12) : 4;
    double figures =
        all().mapToObj(chart.values().unit()::show).mapToDouble(Frame::widthOf).max().orElse(0);
    Ticks ticks = Ticks.of(chart.values(), all(), frame.ticks());
    values = new AxisMap(chart.values(), ticks, left, frame.width() - figures - 12);
  }

  private boolean hasLegend() {
    return chart.groups().size() > 1;
  }

  private DoubleStream all() {
    return chart.groups().stream().flatMap(g -> g.values().stream()).mapToDouble(v -> v);
  }

  @Override
  public double height() {
    return bottom + 48;
  }

  @Override
  public void draw(Markup out, String id) {
    new Axes(out).below(values, top, bottom);
    patterns(out, id);
    if (hasLegend()) {
      legend(out, id);
    }
    for (int c = 0; c < chart.categories().size(); c++) {
      category(out, id, c);
    }
  }

  /** Groups after the first are hatched, each in another direction: seen without colour. */
  private void patterns(Markup out, String id) {
    out.open("defs");
    for (int g = 1; g < chart.groups().size(); g++) {
      out.open(
          "pattern",
          "id",
          id + "-hatch" + g,
          "class",
          new SeriesStyle(g).classes(false),
          "width",
          "6",
          "height",
          "6",
          "patternUnits",
          "userSpaceOnUse",
          "patternTransform",
          "rotate(" + (45 * g) + ")");
      out.empty("rect", "class", "hatch", "width", "3", "height", "6").close();
    }
    out.close().line();
  }

  private void legend(Markup out, String id) {
    for (int g = 0; g < chart.groups().size(); g++) {
      double row = top - 8 - Frame.LINE * (chart.groups().size() - g);
      bar(out, id, g, left, row, 28, "");
      String name = Frame.cut(chart.groups().get(g).name(), frame.width() - left - 40);
      Axes.text(out, "name", "start", left + 36, row + 12, name);
    }
  }

  private void category(Markup out, String id, int index) {
    boolean wide = frame == Frame.WIDE;
    double y = top + index * rowHeight + ROOM / 2;
    String name = chart.categories().get(index);
    double middle = y + THICK * chart.groups().size() / 2 + 4.5;
    if (wide) {
      Axes.text(out, "name", "end", left - 8, middle, Frame.cut(name, left - 8));
    } else {
      Axes.text(out, "name", "start", left, y + 14, Frame.cut(name, frame.width() - left));
    }
    for (int g = 0; g < chart.groups().size(); g++) {
      double value = chart.groups().get(g).values().get(index);
      double row = y + (wide ? 0 : Frame.LINE) + g * THICK;
      boolean held = chart.values().holds(value);
      double zero = values.axis().scale() == Scale.LINEAR ? values.at(0) : values.start();
      double end = held ? values.at(value) : zero;
      String figure = chart.values().unit().show(value);
      String words = name + ", " + chart.groups().get(g).name() + ": " + figure;
      bar(out, id, g, Math.min(zero, end), row, Math.abs(end - zero), words);
      Axes.text(out, "figure", "start", Math.max(zero, end) + 6, row + 12, figure);
    }
    out.line();
  }

  private static void bar(
      Markup out, String id, int group, double x, double y, double width, String words) {
    String fill = group == 0 ? "currentColor" : "url(#" + id + "-hatch" + group + ")";
    out.open("g", "class", new SeriesStyle(group).classes(false));
    out.open(
        "rect",
        "class",
        "bar",
        "x",
        Markup.number(x),
        "y",
        Markup.number(y),
        "width",
        Markup.number(Math.max(1, width)),
        "height",
        Markup.number(THICK - 2),
        "fill",
        fill);
    if (!words.isEmpty()) {
      out.leaf("title", words);
    }
    out.close().close();
  }
}
