package dev.akvavit.report;

import java.util.List;

/** Values over values, a line each. */
public record LineChart(String title, String description, Axis x, Axis y, List<Line> lines)
    implements Chart {

  public LineChart {
    lines = List.copyOf(lines);
  }

  /**
   * One line. A point that an axis cannot hold, NaN or zero on a logarithmic one, is a gap.
   *
   * @param points in the order they are joined
   * @param emphasised whether it is the one that readers came for
   */
  public record Line(String name, List<Point> points, boolean emphasised) {
    public Line {
      points = List.copyOf(points);
    }

    public Line(String name, List<Point> points) {
      this(name, points, false);
    }
  }

  /** One value over another. */
  public record Point(double x, double y) {}
}
