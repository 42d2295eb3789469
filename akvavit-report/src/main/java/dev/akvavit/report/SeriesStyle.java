package dev.akvavit.report;

/**
 * How one series differs from the next: by colour, and without colour by dash and marker. The
 * colours are in {@code chart.css}, for they differ between light and dark.
 */
record SeriesStyle(int index) {
  private static final int COLOURS = 8;
  private static final String[] DASHES = {"", "8 4", "2 4", "12 4 2 4", "5 3", "1 5", "14 5"};

  /** Each within a circle of radius 4.5. */
  private static final String[] MARKERS = {
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.5-3.5h7v7h-7z",
    "M0-4.6L4.4 3.4H-4.4z",
    "M0-4.8L4.2 0L0 4.8L-4.2 0z",
    "M0 4.6L4.4-3.4H-4.4z",
    "M-1.3-4.5h2.6v3.2h3.2v2.6h-3.2v3.2h-2.6v-3.2h-3.2v-2.6h3.2z",
    "M-4.5-2.6L0-4.8L4.5-2.6V2.6L0 4.8L-4.5 2.6z",
    "M-4.6-1.8h9.2v3.6h-9.2z"
  };

  /** Classes of the group that draws it. */
  String classes(boolean emphasised) {
    return "series c" + index % COLOURS + (emphasised ? " main" : "");
  }

  /** A line along a path. */
  void line(Markup out, String path) {
    String dash = DASHES[index % DASHES.length];
    if (dash.isEmpty()) {
      out.empty("path", "class", "line", "d", path);
    } else {
      out.empty("path", "class", "line", "stroke-dasharray", dash, "d", path);
    }
  }

  /** A marker with words that appear when it is pointed at. */
  void marker(Markup out, double x, double y, String words) {
    out.open("path", "class", "mark", "transform", place(x, y), "d", shape());
    out.leaf("title", words).close();
  }

  void marker(Markup out, double x, double y) {
    out.empty("path", "class", "mark", "transform", place(x, y), "d", shape());
  }

  /** A short piece of the line with its marker, for legends. */
  void sample(Markup out, double x, double y) {
    line(out, "M" + Markup.number(x) + " " + Markup.number(y) + "h28");
    marker(out, x + 14, y);
  }

  private String shape() {
    return MARKERS[index % MARKERS.length];
  }

  private static String place(double x, double y) {
    return "translate(" + Markup.number(x) + " " + Markup.number(y) + ")";
  }
}
