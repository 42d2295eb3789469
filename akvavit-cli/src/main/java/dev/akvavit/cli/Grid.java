package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A table with a title, as aligned text or as Markdown. The first column and the columns named left
 * are words, the others figures.
 *
 * @param left columns besides the first that are words
 */
record Grid(String title, List<String> header, List<Integer> left, List<List<String>> rows) {

  Grid {
    header = List.copyOf(header);
    left = List.copyOf(left);
    rows = List.copyOf(rows);
  }

  /** Lines under a title, columns two spaces apart; no line ends in spaces. */
  List<String> lines() {
    List<List<String>> all = new ArrayList<>();
    if (header.stream().anyMatch(h -> !h.isEmpty())) {
      all.add(header);
    }
    all.addAll(rows);
    int[] widths = new int[header.size()];
    for (List<String> row : all) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        String pad = " ".repeat(widths[c] - row.get(c).length());
        line.append("  ").append(isLeft(c) ? row.get(c) + pad : pad + row.get(c));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** For tickets and wikis. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("### " + title);
    lines.add("");
    lines.add(bar(header));
    List<String> rule = new ArrayList<>();
    for (int c = 0; c < header.size(); c++) {
      rule.add(isLeft(c) ? "---" : "---:");
    }
    lines.add(bar(rule));
    rows.forEach(r -> lines.add(bar(r)));
    return lines;
  }

  private boolean isLeft(int column) {
    return column == 0 || left.contains(column);
  }

  private static String bar(List<String> cells) {
    return "| "
        + String.join(" | ", cells.stream().map(c -> c.replace("|", "\\|")).toList())
        + " |";
  }
}
