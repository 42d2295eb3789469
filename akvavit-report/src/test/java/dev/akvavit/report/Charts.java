package dev.akvavit.report;

import java.util.List;

/** Charts and texts that tests draw. */
final class Charts {
  static final String HOSTILE =
      "</title></style></svg><script>alert(1)</script>\"' onload='x' &amp; \u0000\u001b\ud800 ]]>"
          + " --> 漢字";

  private Charts() {}

  static LineChart lines() {
    return lines("cache against context", "MLA", "MHA");
  }

  static LineChart lines(String title, String first, String second) {
    return new LineChart(
        title,
        "what one user leaves",
        Axis.linear("context", Unit.TOKENS),
        Axis.log("cache", Unit.BYTES),
        List.of(line(first, true, 70_272), line(second, false, 3_997_696)));
  }

  private static LineChart.Line line(String name, boolean emphasised, double perToken) {
    return new LineChart.Line(
        name,
        List.of(
            new LineChart.Point(1024, 1024 * perToken),
            new LineChart.Point(32_768, 32_768 * perToken),
            new LineChart.Point(131_072, 131_072 * perToken)),
        emphasised);
  }

  static BarChart bars() {
    return bars("how many times smaller", "MQA");
  }

  static BarChart bars(String title, String category) {
    return new BarChart(
        title,
        "",
        Axis.linear("times", Unit.FACTOR),
        List.of(category, "MLA"),
        List.of(
            new BarChart.Group("source", List.of(128., 57.)),
            new BarChart.Group("derived", List.of(128., Double.NaN))));
  }
}
