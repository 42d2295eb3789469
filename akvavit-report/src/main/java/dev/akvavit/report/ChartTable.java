package dev.akvavit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What a chart draws, as a table: for readers who want figures, and for those who see no chart. */
final class ChartTable {
  private ChartTable() {}

  static Part.Table of(Chart chart) {
    return switch (chart) {
      case LineChart c -> lines(c);
      case BarChart c -> bars(c);
    };
  }

  private static Part.Table lines(LineChart c) {
    TreeMap<Double, List<String>> byX = new TreeMap<>();
    for (int i = 0; i < c.lines().size(); i++) {
      for (LineChart.Point p : c.lines().get(i).points()) {
        List<String> row = byX.computeIfAbsent(p.x(), x -> blank(c.lines().size()));
        row.set(i, c.y().unit().show(p.y()));
      }
    }
    List<Part.Column> columns = new ArrayList<>(List.of(new Part.Column(c.x().label(), true)));
    c.lines().forEach(l -> columns.add(new Part.Column(l.name(), true)));
    List<Part.Row> rows = new ArrayList<>();
    byX.forEach((x, values) -> rows.add(row(c.x().unit().show(x), values)));
    return new Part.Table(c.y().label(), columns, rows, Part.Narrow.SCROLL);
  }

  private static Part.Table bars(BarChart c) {
    List<Part.Column> columns = new ArrayList<>(List.of(new Part.Column("", false)));
    c.groups().forEach(g -> columns.add(new Part.Column(g.name(), true)));
    List<Part.Row> rows = new ArrayList<>();
    for (int i = 0; i < c.categories().size(); i++) {
      int index = i;
      List<String> values =
          c.groups().stream().map(g -> c.values().unit().show(g.values().get(index))).toList();
      rows.add(row(c.categories().get(i), values));
    }
    return new Part.Table(c.values().label(), columns, rows, Part.Narrow.SCROLL);
  }

  private static List<String> blank(int size) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add("");
    }
    return all;
  }

  private static Part.Row row(String name, List<String> values) {
    List<Phrase> cells = new ArrayList<>(List.of(Phrase.of(name)));
    values.forEach(v -> cells.add(Phrase.of(v)));
    return new Part.Row(cells);
  }
}
