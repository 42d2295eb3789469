package dev.akvavit.report;

/**
 * Draws charts as SVG by hand: text stays text, colours follow the reader's light or dark, and
 * whoever does not see it hears title and description.
 */
public final class SvgChart {
  private static final double PADDING = 16;

  private SvgChart() {}

  /** A file of its own, with its title in the drawing. */
  public static String file(Chart chart) {
    Markup out = new Markup();
    drawing(out, chart, Frame.WIDE, "chart", true);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + out.line();
  }

  /**
   * Elements within a page that holds {@link Stylesheets#chart()}; the page says the title.
   *
   * @param id unique in the page
   */
  static void inline(Markup out, Chart chart, Frame frame, String id) {
    drawing(out, chart, frame, id, false);
  }

  private static void drawing(Markup out, Chart chart, Frame frame, String id, boolean alone) {
    double top = alone ? 34 : 0;
    Plot plot = Plot.of(chart, frame, top);
    double pad = alone ? PADDING : 0;
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "viewBox",
        Markup.number(-pad)
            + " "
            + Markup.number(-pad)
            + " "
            + Markup.number(frame.width() + 2 * pad)
            + " "
            + Markup.number(plot.height() + 2 * pad),
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-text");
    out.line().leaf("title", chart.title(), "id", id + "-title");
    out.leaf("desc", chart.description(), "id", id + "-text").line();
    if (alone) {
      out.open("style").verbatim(Stylesheets.chart()).close().line();
      background(out, frame.width() + 2 * pad, plot.height() + 2 * pad, -pad);
      Axes.text(out, "title", "start", 2, 16, Frame.cut(chart.title(), frame.width() * 0.85));
    }
    plot.draw(out, id);
    out.close();
  }

  private static void background(Markup out, double width, double height, double at) {
    out.empty(
        "rect",
        "class",
        "paper",
        "x",
        Markup.number(at),
        "y",
        Markup.number(at),
        "width",
        Markup.number(width),
        "height",
        Markup.number(height));
  }
}
