package dev.akvavit.cli;

import dev.akvavit.report.Axis;
import dev.akvavit.report.LineChart;
import dev.akvavit.report.SvgChart;
import dev.akvavit.report.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Puts {@link DepthCurves} into a page: the chart beside it as {@code images/NAME.svg}, the table
 * between two marks. What stands outside the marks is the writer's.
 */
record DepthPage(DepthCurves curves, String notes) {
  private static final String BEGIN =
      "<!-- measured: bench --depth-chart replaces what follows -->";
  private static final String END = "<!-- end of what was measured -->";

  /**
   * Writes both files; a page that does not exist is made.
   *
   * @throws CommandException when the page exists and has no marks
   */
  void write(Path page) throws IOException {
    String name = page.getFileName().toString().replaceFirst("\\.md$", "");
    Path chart = page.resolveSibling("images").resolve(name + ".svg");
    String old = text(page);
    int from = old.indexOf(BEGIN);
    int to = old.indexOf(END);
    String table = String.join("\n", markdown());
    String measured =
        "![%s](images/%s.svg)\n\n%s\n\n%s\n".formatted(chart().title(), name, table, notes);
    Files.createDirectories(chart.toAbsolutePath().getParent());
    Files.writeString(chart, SvgChart.file(chart()));
    Files.writeString(page, old.substring(0, from) + BEGIN + "\n" + measured + old.substring(to));
  }

  /**
   * The page as it is, or a new one.
   *
   * @throws CommandException when it is there and has no marks
   */
  static String text(Path page) {
    if (!Files.exists(page)) {
      return BEGIN + "\n" + END + "\n";
    }
    String text;
    try {
      text = Sources.read(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int from = text.indexOf(BEGIN);
    if (from < 0 || text.indexOf(END) < from) {
      throw new CommandException(
          page + ": found no marks, allowed: a page with the lines " + BEGIN + " and " + END);
    }
    return text;
  }

  LineChart chart() {
    List<LineChart.Line> lines = new ArrayList<>();
    for (int m = 0; m < curves.mechanisms().size(); m++) {
      List<LineChart.Point> points = new ArrayList<>();
      for (int d = 0; d < curves.depths().size(); d++) {
        points.add(new LineChart.Point(curves.depths().get(d), curves.rates().get(m).get(d)));
      }
      String name = curves.mechanisms().get(m);
      lines.add(new LineChart.Line(name, points, name.startsWith("MLA")));
    }
    return new LineChart(
        "Tokens a second against depth",
        "One shape, five attention mechanisms: how fast a token is generated after so many others.",
        Axis.linear("tokens in the cache", Unit.TOKENS),
        Axis.linear("tokens a second", Unit.NUMBER),
        lines);
  }

  /** A row a mechanism, a column a depth; in brackets the part of its speed at the first depth. */
  List<String> markdown() {
    StringBuilder head = new StringBuilder("| tokens a second at depth |");
    StringBuilder rule = new StringBuilder("| --- |");
    for (int depth : curves.depths()) {
      head.append(' ').append(Unit.TOKENS.show(depth)).append(" |");
      rule.append(" ---: |");
    }
    List<String> lines = new ArrayList<>();
    lines.add(head + " cache bytes a token |");
    lines.add(rule + " ---: |");
    for (int m = 0; m < curves.mechanisms().size(); m++) {
      List<Double> rates = curves.rates().get(m);
      StringBuilder row = new StringBuilder("| " + curves.mechanisms().get(m) + " |");
      for (double rate : rates) {
        row.append(
            String.format(Locale.ROOT, " %.1f (%.0f %%) |", rate, 100 * rate / rates.getFirst()));
      }
      row.append(String.format(Locale.ROOT, " %,d |", curves.bytesPerToken().get(m)));
      lines.add(row.toString());
    }
    return lines;
  }
}
