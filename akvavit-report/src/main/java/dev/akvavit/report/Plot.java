package dev.akvavit.report;

/** A chart laid out in one frame. */
sealed interface Plot permits LinePlot, BarPlot {

  /** Lays a chart out below {@code top}. */
  static Plot of(Chart chart, Frame frame, double top) {
    return switch (chart) {
      case LineChart c -> new LinePlot(c, frame, top);
      case BarChart c -> new BarPlot(c, frame, top);
    };
  }

  double height();

  /**
   * Writes its elements.
   *
   * @param id begins the ids of those that need one
   */
  void draw(Markup out, String id);
}
