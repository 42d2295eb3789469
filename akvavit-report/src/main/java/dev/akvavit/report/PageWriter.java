package dev.akvavit.report;

import java.util.List;

/** Writes a page as HTML. */
final class PageWriter {
  /** The page may show its own style and nothing else, whatever texts it holds. */
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private static final int LONG = 4; // sections from which a table of contents helps

  private final Page page;
  private final Markup out = new Markup();
  private int figures;
  private String section = "Table"; // the heading above, which names what has no caption

  PageWriter(Page page) {
    this.page = page;
  }

  String html() {
    out.verbatim("<!doctype html>\n").open("html", "lang", "en").line();
    head();
    out.open("body").line().open("main").line();
    out.open("header").leaf("h1", page.title());
    phrase("p", page.lead(), "class", "lead");
    out.close().line();
    contents();
    page.parts().forEach(this::part);
    out.close().line();
    phrase("footer", page.footer());
    return out.close().close().line().toString();
  }

  private void head() {
    out.open("head").line();
    out.empty("meta", "charset", "utf-8").line();
    out.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY).line();
    String scaled = "width=device-width, initial-scale=1";
    out.empty("meta", "name", "viewport", "content", scaled).line();
    out.empty("meta", "name", "color-scheme", "content", "light dark").line();
    out.leaf("title", page.title()).line();
    out.open("style").line().verbatim(Stylesheets.page()).verbatim(Stylesheets.chart());
    out.close().line().close().line();
  }

  private void contents() {
    List<Part.Heading> sections =
        page.parts().stream()
            .filter(p -> p instanceof Part.Heading h && h.level() == 2 && !h.id().isEmpty())
            .map(Part.Heading.class::cast)
            .toList();
    if (sections.size() < LONG) {
      return;
    }
    out.open("nav", "aria-label", "Contents").open("ul");
    for (Part.Heading h : sections) {
      out.open("li").leaf("a", h.text(), "href", "#" + h.id()).close();
    }
    out.close().close().line();
  }

  private void part(Part part) {
    switch (part) {
      case Part.Heading h -> {
        section = h.text();
        out.leaf("h" + h.level(), h.text(), id(h.id()));
      }
      case Part.Paragraph p -> phrase("p", p.text());
      case Part.Note n -> phrase("p", n.text(), "class", "note", "role", "note");
      case Part.Points p -> {
        out.open("ul");
        p.points().forEach(point -> phrase("li", point));
        out.close();
      }
      case Part.Listing l -> out.open("pre", "tabindex", "0").leaf("code", l.text()).close();
      case Part.Figure f -> figure(f.chart());
      case Part.Definitions d -> definitions(d);
      case Part.Table t -> table(t);
    }
    out.line();
  }

  private static String[] id(String id) {
    return id.isEmpty() ? new String[0] : new String[] {"id", id};
  }

  private void definitions(Part.Definitions d) {
    out.open("dl");
    for (Part.Definition e : d.entries()) {
      phrase("dt", e.term(), id(e.id()));
      phrase("dd", e.meaning());
    }
    out.close();
  }

  private void figure(Chart chart) {
    String id = "figure" + ++figures;
    out.open("figure").open("figcaption").leaf("strong", chart.title());
    if (!chart.description().isEmpty()) {
      out.text(" ").leaf("span", chart.description());
    }
    out.close().line();
    for (Frame frame : Frame.values()) { // the style sheet shows the one that fits
      String name = frame == Frame.WIDE ? "wide" : "narrow";
      out.open("div", "class", name);
      SvgChart.inline(out, chart, frame, id + "-" + name);
      out.close().line();
    }
    out.open("details").leaf("summary", "Figures");
    table(ChartTable.of(chart));
    out.close().close();
  }

  private void table(Part.Table t) {
    boolean stack = t.narrow() == Part.Narrow.STACK;
    if (stack) {
      out.open("div", "class", "cards");
    } else {
      String name = t.caption().isEmpty() ? section : t.caption();
      out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", name);
    }
    out.open("table");
    if (!t.caption().isEmpty()) {
      out.leaf("caption", t.caption());
    }
    if (t.columns().stream().anyMatch(c -> !c.name().isEmpty())) {
      out.open("thead").open("tr");
      t.columns().forEach(c -> out.leaf("th", c.name(), "scope", "col", "class", align(c)));
      out.close().close().line();
    }
    out.open("tbody").line();
    t.rows().forEach(row -> row(t, row));
    out.close().close().close();
  }

  private void row(Part.Table t, Part.Row row) {
    String kind = row.total() ? "total" : "";
    if (row.id().isEmpty()) {
      out.open("tr", "class", kind);
    } else {
      out.open("tr", "class", kind, "id", row.id());
    }
    for (int c = 0; c < row.cells().size(); c++) {
      Part.Column column = t.columns().get(c);
      if (c == 0) {
        phrase("th", row.cells().get(c), "scope", "row", "class", align(column));
      } else {
        phrase("td", row.cells().get(c), "class", align(column), "data-name", column.name());
      }
    }
    out.close().line();
  }

  private static String align(Part.Column column) {
    return column.figures() ? "figures" : "words";
  }

  private void phrase(String element, Phrase phrase, String... attributes) {
    out.open(element, attributes);
    for (Phrase.Span span : phrase.spans()) {
      if (span.target().isEmpty()) {
        span(span);
      } else {
        out.open("a", "href", span.target());
        span(span);
        out.close();
      }
    }
    out.close();
  }

  private void span(Phrase.Span span) {
    switch (span.style()) {
      case PLAIN -> out.text(span.text());
      case STRONG -> out.leaf("strong", span.text());
      case CODE -> out.leaf("code", span.text());
      case SOFT -> out.leaf("span", span.text(), "class", "soft");
      case GOOD -> out.leaf("span", span.text(), "class", "badge good");
      case BAD -> out.leaf("span", span.text(), "class", "badge bad");
      case CAUTION -> out.leaf("span", span.text(), "class", "badge caution");
    }
  }
}
