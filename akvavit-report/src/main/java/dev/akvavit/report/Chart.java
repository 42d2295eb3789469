package dev.akvavit.report;

/**
 * A chart as data: what it says, not how it is drawn. {@link SvgChart} and {@link PngChart} draw
 * it.
 */
public sealed interface Chart permits LineChart, BarChart {

  /** What readers shall see in it, in a line. */
  String title();

  /** A sentence for those who do not see it, and a caption for those who do; may be empty. */
  String description();
}
