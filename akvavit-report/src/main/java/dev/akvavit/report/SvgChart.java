package dev.akvavit.report;

import java.util.List;

/**
 * Draws charts as SVG by hand: text stays text, colours follow the reader's light or dark, and
 * whoever does not see it hears title and description.
 */
public final class SvgChart {
  private static final double PADDING = 16;
  private static final double TITLE = 34; // height of a title in the drawing
  private static final double TITLE_LETTERS =
      0.75; // they are larger than those they are reckoned by

  private SvgChart() {}

  /** A file of its own, with its title in the drawing. */
  public static String file(Chart chart) {
    return file(List.of(chart));
  }

  /** A file of its own, charts under each other. */
  public static String file(List<Chart> charts) {
    Frame frame = Frame.WIDE;
    List<Plot> plots = charts.stream().map(c -> Plot.of(c, frame, TITLE)).toList();
    double width = frame.width() + 2 * PADDING;
    double height = PADDING + plots.stream().mapToDouble(p -> p.height() + PADDING).sum();
    Markup out = new Markup();
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "width",
        Markup.number(width),
        "height",
        Markup.number(height),
        "viewBox",
        box(width, height));
    out.line().open("style").verbatim(Stylesheets.chart()).close().line();
    rectangle(out, width, height);
    double y = PADDING;
    for (int i = 0; i < charts.size(); i++) {
      String id = "chart" + (i + 1);
      double high = plots.get(i).height();
      out.open(
          "svg",
          "x",
          Markup.number(PADDING),
          "y",
          Markup.number(y),
          "width",
          Markup.number(frame.width()),
          "height",
          Markup.number(high),
          "viewBox",
          box(frame.width(), high),
          "role",
          "img",
          "aria-labelledby",
          id + "-title " + id + "-text");
      words(out, charts.get(i), id);
      String title = Frame.cut(charts.get(i).title(), frame.width() * TITLE_LETTERS);
      Axes.text(out, "title", "start", 2, 14, title);
      plots.get(i).draw(out, id);
      out.close().line();
      y += high + PADDING;
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + out.close().line();
  }

  /**
   * Elements within a page that holds {@link Stylesheets#chart()}; the page says the title.
   *
   * @param id unique in the page
   */
  static void inline(Markup out, Chart chart, Frame frame, String id) {
    Plot plot = Plot.of(chart, frame, 0);
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "viewBox",
        box(frame.width(), plot.height()),
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-text");
    words(out, chart, id);
    plot.draw(out, id);
    out.close();
  }

  private static void words(Markup out, Chart chart, String id) {
    out.line().leaf("title", chart.title(), "id", id + "-title");
    out.leaf("desc", chart.description(), "id", id + "-text").line();
  }

  private static String box(double width, double height) {
    return "0 0 " + Markup.number(width) + " " + Markup.number(height);
  }

  private static void rectangle(Markup out, double width, double height) {
    out.empty(
        "rect", "class", "paper", "width", Markup.number(width), "height", Markup.number(height));
  }
}
