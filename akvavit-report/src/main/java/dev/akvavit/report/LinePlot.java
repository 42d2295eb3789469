package dev.akvavit.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/** Draws a line chart in one frame: grid, axes, lines, and names beside their ends or below. */
final class LinePlot implements Plot {
  private static final int MOST_MARKERS = 9;
  private static final double SAMPLE = 36;
  private static final double BOLD = 1.15; // a main line's name, to another's

  private final LineChart chart;
  private final Frame frame;
  private final double bottom;
  private final double height;
  private final AxisMap x;
  private final AxisMap y;

  LinePlot(LineChart chart, Frame frame, double top) {
    this.chart = chart;
    this.frame = frame;
    double plotTop = top + Frame.LINE + 8;
    bottom = plotTop + frame.plotHeight();
    boolean wide = frame == Frame.WIDE;
    Ticks yTicks = Ticks.of(chart.y(), values(true), frame.ticks());
    double left = 10 + widest(yTicks.at().stream().map(t -> yTicks.label(chart.y(), t)).toList());
    List<String> names = chart.lines().stream().map(LineChart.Line::name).toList();
    double legend = Math.min(230, SAMPLE + 14 + BOLD * widest(names));
    double right = frame.width() - (wide ? legend : 14);
    x = new AxisMap(chart.x(), Ticks.of(chart.x(), values(false), frame.ticks()), left, right);
    y = new AxisMap(chart.y(), yTicks, bottom, plotTop);
    height = bottom + 48 + (wide ? 0 : names.size() * Frame.LINE + 6);
  }

  @Override
  public double height() {
    return height;
  }

  private static double widest(List<String> texts) {
    return texts.stream().mapToDouble(Frame::widthOf).max().orElse(0);
  }

  private DoubleStream values(boolean ofY) {
    return chart.lines().stream()
        .flatMap(l -> l.points().stream())
        .filter(this::isHeld)
        .mapToDouble(p -> ofY ? p.y() : p.x());
  }

  private boolean isHeld(LineChart.Point p) {
    return chart.x().holds(p.x()) && chart.y().holds(p.y());
  }

  @Override
  public void draw(Markup out, String id) {
    new Axes(out).below(x, y.end(), bottom).beside(y, x.start(), x.end());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < chart.lines().size(); i++) {
      order.add(i);
    }
    order.sort(
        Comparator.comparing(i -> chart.lines().get(i).emphasised())); // the main ones on top
    order.forEach(i -> line(out, i));
    if (frame == Frame.WIDE) {
      namesBeside(out);
    } else {
      namesBelow(out);
    }
  }

  private void line(Markup out, int index) {
    LineChart.Line line = chart.lines().get(index);
    SeriesStyle style = new SeriesStyle(index);
    StringBuilder path = new StringBuilder();
    boolean joined = false;
    for (LineChart.Point p : line.points()) {
      if (isHeld(p)) {
        path.append(joined ? 'L' : 'M')
            .append(Markup.number(x.at(p.x())))
            .append(' ')
            .append(Markup.number(y.at(p.y())));
      }
      joined = isHeld(p);
    }
    out.open("g", "class", style.classes(line.emphasised()));
    style.line(out, path.toString());
    int every = Math.max(1, Math.ceilDiv(line.points().size(), MOST_MARKERS));
    for (int i = 0; i < line.points().size(); i++) {
      LineChart.Point p = line.points().get(i);
      boolean last = i == line.points().size() - 1;
      if (isHeld(p) && (last || i % every == 0)) {
        style.marker(out, x.at(p.x()), y.at(p.y()), words(line, p));
      }
    }
    out.close().line();
  }

  private String words(LineChart.Line line, LineChart.Point p) {
    return line.name()
        + ": "
        + chart.y().unit().show(p.y())
        + " at "
        + chart.x().unit().show(p.x());
  }

  /** A name's place: where its line ends, moved so that names do not cover each other. */
  private void namesBeside(Markup out) {
    record Name(int index, double wished) {}
    List<Name> names = new ArrayList<>();
    for (int i = 0; i < chart.lines().size(); i++) {
      double end =
          chart.lines().get(i).points().stream()
              .filter(this::isHeld)
              .reduce((a, b) -> b)
              .map(p -> y.at(p.y()))
              .orElse(bottom);
      names.add(new Name(i, end));
    }
    names.sort(Comparator.comparingDouble(Name::wished));
    double[] places = apart(names.stream().mapToDouble(Name::wished).toArray(), y.end(), bottom);
    for (int i = 0; i < places.length; i++) {
      name(out, names.get(i).index(), x.end() + 12, places[i]);
    }
  }

  /** Sorted places, at least a line apart and within the plot as far as there is room. */
  private static double[] apart(double[] wished, double top, double bottom) {
    double[] places = wished.clone();
    for (int i = 0; i < places.length; i++) {
      double least = i == 0 ? top : places[i - 1] + Frame.LINE;
      places[i] = Math.max(places[i], least);
    }
    double most = bottom;
    for (int i = places.length - 1; i >= 0; i--) {
      places[i] = Math.min(places[i], most);
      most = places[i] - Frame.LINE;
    }
    return places;
  }

  private void namesBelow(Markup out) {
    for (int i = 0; i < chart.lines().size(); i++) {
      name(out, i, 8, bottom + 58 + i * Frame.LINE);
    }
  }

  private void name(Markup out, int index, double at, double row) {
    LineChart.Line line = chart.lines().get(index);
    SeriesStyle style = new SeriesStyle(index);
    out.open("g", "class", style.classes(line.emphasised()));
    style.sample(out, at, row);
    boolean drawn = line.points().stream().anyMatch(this::isHeld);
    String name = drawn ? line.name() : line.name() + ": none";
    String shown = Frame.cut(name, frame.width() - at - SAMPLE);
    Axes.text(out, "name", "start", at + SAMPLE, row + 4.5, shown);
    out.close().line();
  }
}
