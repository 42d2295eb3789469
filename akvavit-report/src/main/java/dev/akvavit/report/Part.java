package dev.akvavit.report;

import java.util.List;
import java.util.regex.Pattern;

/** A part of a page, by what it means. */
public sealed interface Part {

  /**
   * Begins a section.
   *
   * @param level 2 or 3; 1 is the page's title
   * @param id for links, as in {@code #memory}
   */
  record Heading(int level, String id, String text) implements Part {
    public Heading {
      if (level < 2 || level > 3) {
        throw new IllegalArgumentException("heading level: found " + level + ", allowed: 2, 3");
      }
      requireId(id);
    }
  }

  record Paragraph(Phrase text) implements Part {}

  /** Set apart: a warning or a reservation. */
  record Note(Phrase text) implements Part {}

  /** Points, one a line. */
  record Points(List<Phrase> points) implements Part {
    public Points {
      points = List.copyOf(points);
    }
  }

  /** Text to copy, as it is. */
  record Listing(String text) implements Part {}

  record Figure(Chart chart) implements Part {}

  /** Terms and what they stand for. */
  record Definitions(List<Definition> entries) implements Part {
    public Definitions {
      entries = List.copyOf(entries);
    }
  }

  /**
   * One term.
   *
   * @param id for links; empty for none
   */
  record Definition(String id, Phrase term, Phrase meaning) {
    public Definition {
      requireId(id);
    }
  }

  /**
   * A table.
   *
   * @param caption in words; may be empty
   * @param narrow what happens where a screen is too narrow
   * @throws IllegalArgumentException when a row has not one cell a column
   */
  record Table(String caption, List<Column> columns, List<Row> rows, Narrow narrow)
      implements Part {
    public Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
      for (Row row : rows) {
        if (row.cells().size() != columns.size()) {
          throw new IllegalArgumentException(
              "table "
                  + caption
                  + ": found a row of "
                  + row.cells().size()
                  + " cells, allowed: "
                  + columns.size());
        }
      }
    }
  }

  /** Words stand left, figures right. */
  record Column(String name, boolean figures) {}

  /**
   * One row.
   *
   * @param id for links; empty for none
   * @param total whether it sums up the rows above
   */
  record Row(String id, List<Phrase> cells, boolean total) {
    public Row {
      requireId(id);
      cells = List.copyOf(cells);
    }

    public Row(List<Phrase> cells) {
      this("", cells, false);
    }
  }

  /** How a table meets a narrow screen. */
  enum Narrow {
    /** It scrolls in a box of its own, its first column stays: for rows that are compared. */
    SCROLL,
    /** Each row becomes a card, cells under each other: for rows that are read. */
    STACK
  }

  private static void requireId(String id) {
    if (!Ids.ALLOWED.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "id: found " + id + ", allowed: letters, digits, dots, dashes");
    }
  }

  /** What can stand in a link without being escaped. */
  final class Ids {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]*");

    private Ids() {}
  }
}
