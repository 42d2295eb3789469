package dev.akvavit.cli;

import dev.akvavit.plan.Deployment;
import dev.akvavit.plan.Formula;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.report.Chart;
import dev.akvavit.report.Page;
import dev.akvavit.report.Part;
import dev.akvavit.report.Phrase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A plan as one page: the tables that the command prints, charts, and the formulas themselves. */
final class PlanHtml {
  private static final Map<String, Formula> RULES =
      Stream.of(Formula.values()).collect(Collectors.toMap(Formula::code, Function.identity()));

  private final PlanReport plan;
  private final PlanPage tables;
  private final String version;

  PlanHtml(PlanReport plan, String version) {
    this.plan = plan;
    tables = new PlanPage(plan);
    this.version = version;
  }

  Page page() {
    List<Part> parts = new ArrayList<>();
    section(parts, "answers", "What fits", tables.answers(), Part.Narrow.STACK);
    section(parts, "memory", "Memory, part by part", tables.memory(), Part.Narrow.SCROLL);
    section(parts, "cache", "Cache, bytes a token", tables.cache(), Part.Narrow.SCROLL);
    if (!plan.remedies().isEmpty()) {
      Grid changes = tables.remedies();
      section(parts, "changes", "What would make it fit", changes, Part.Narrow.STACK);
    }
    parts.add(new Part.Heading(2, "attention", "The same shape with each attention"));
    parts.add(
        new Part.Paragraph(
            Phrase.of(
                plan.mechanisms().size() > 1
                    ? "Nothing but the attention changes: heads keep number and width, weights stay"
                        + " as planned."
                    : "Only the model's own; the notes say why.")));
    for (Chart chart : new PlanCharts(plan).all()) {
      parts.add(new Part.Figure(chart));
    }
    if (plan.machine().bandwidth() == 0) {
      parts.add(
          new Part.Note(
              Phrase.of("How fast this memory is read is not known, so there is no ceiling on ")
                  .then("tokens a second; ")
                  .code("--bandwidth GB/s")
                  .then(" tells it.")));
    }
    Grid shapes = tables.mechanisms();
    table(parts, shapes.title(), shapes, Part.Narrow.SCROLL);
    Grid arithmetic = tables.arithmetic();
    parts.add(new Part.Heading(2, "arithmetic", "Arithmetic"));
    table(parts, arithmetic.title(), arithmetic, Part.Narrow.SCROLL);
    parts.add(new Part.Heading(2, "notes", "Notes"));
    parts.add(new Part.Points(tables.notes().stream().map(Phrase::of).toList()));
    deployment(parts);
    formulas(parts);
    return new Page(plan.model(), lead(), parts, footer());
  }

  private Phrase lead() {
    var s = plan.scenario();
    String asked =
        text("%,d %s of %,d tokens", s.users(), s.users() == 1 ? "user" : "users", s.context());
    Phrase said = Phrase.of(tables.title() + ". ").strong(asked);
    return plan.fits()
        ? said.then(" on " + plan.machine().name() + ": ")
            .styled(Phrase.Style.GOOD, "fits")
            .then(text(" with %s left.", Amounts.bytes(plan.room())))
        : said.then(" on " + plan.machine().name() + ": ")
            .styled(Phrase.Style.BAD, "does not fit")
            .then(text(", %s too much.", Amounts.bytes(-plan.room())));
  }

  private Phrase footer() {
    return Phrase.of("Written by akvavit " + version + " from ")
        .code("akvavit plan")
        .then(
            ". Each figure says how sure it is: exact figures are computed by the code that"
                + " allocates, measured ones were read from this machine, derived ones follow from"
                + " published code, estimated ones are published, rounded or a rule of thumb.");
  }

  /** The heading says what the table's title would. */
  private static void section(
      List<Part> parts, String id, String heading, Grid grid, Part.Narrow narrow) {
    parts.add(new Part.Heading(2, id, heading));
    table(parts, "", grid, narrow);
  }

  private static void table(List<Part> parts, String caption, Grid grid, Part.Narrow narrow) {
    List<Part.Column> columns = new ArrayList<>();
    for (int c = 0; c < grid.header().size(); c++) {
      columns.add(new Part.Column(grid.header().get(c), c > 0 && !grid.left().contains(c)));
    }
    List<Part.Row> rows =
        grid.rows().stream()
            .map(r -> new Part.Row("", r.stream().map(PlanHtml::cell).toList(), isTotal(r)))
            .toList();
    parts.add(new Part.Table(caption, columns, rows, narrow));
  }

  private static boolean isTotal(List<String> row) {
    return row.getFirst().equals(PlanPage.TOGETHER);
  }

  /** Codes become links, certainties and verdicts badges. */
  private static Phrase cell(String text) {
    Formula rule = RULES.get(text);
    if (rule != null) {
      return Phrase.NONE.link(text, "#" + rule.anchor());
    }
    return switch (text) {
      case "exact", "measured", "fits" -> Phrase.NONE.styled(Phrase.Style.GOOD, text);
      case "derived", "estimated" -> Phrase.NONE.styled(Phrase.Style.CAUTION, text);
      case "too much" -> Phrase.NONE.styled(Phrase.Style.BAD, text);
      default -> Phrase.of(text);
    };
  }

  private void deployment(List<Part> parts) {
    Deployment d = plan.deployment();
    if (d == null) {
      return;
    }
    parts.add(new Part.Heading(2, "start", "To start it"));
    parts.add(
        new Part.Paragraph(
            Phrase.of("Options of the JVM; weights, cache and activations lie outside its heap:")));
    parts.add(new Part.Listing("java " + String.join(" ", d.jvmOptions()) + " ..."));
    parts.add(
        new Part.Paragraph(
            Phrase.of("Resources in Kubernetes. Mapped weights count as memory of the container,")
                .then(" so that a lower limit would read them from disk again and again:")));
    parts.add(new Part.Listing(String.join("\n", tables.kubernetes(d))));
  }

  private static void formulas(List<Part> parts) {
    parts.add(new Part.Heading(2, "formulas", "Formulas"));
    List<Part.Definition> all = new ArrayList<>();
    for (Formula f : Formula.values()) {
      all.add(
          new Part.Definition(
              f.anchor(),
              Phrase.NONE.strong(f.code()).then(" " + f.title()),
              Phrase.NONE.code(f.text()).then(". " + f.words())));
    }
    parts.add(new Part.Definitions(all));
    parts.add(
        new Part.Paragraph(
            Phrase.of("U users at once, C tokens each, P tokens of prefix that all share.")));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
