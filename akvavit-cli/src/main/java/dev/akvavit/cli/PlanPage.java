package dev.akvavit.cli;

import dev.akvavit.plan.CacheRow;
import dev.akvavit.plan.CapacityPlanner.LongestContext;
import dev.akvavit.plan.Certainty;
import dev.akvavit.plan.Deployment;
import dev.akvavit.plan.Formula;
import dev.akvavit.plan.MemoryBudget;
import dev.akvavit.plan.Parameters;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan as a title, tables and notes. */
final class PlanPage {
  /** Begins the row that sums up those above. */
  static final String TOGETHER = "together";

  private final PlanReport plan;

  PlanPage(PlanReport plan) {
    this.plan = plan;
  }

  String title() {
    Parameters p = plan.parameters();
    return plan.modelType()
        + ", "
        + Amounts.count(p.total())
        + " parameters"
        + (p.routed() == 0 ? "" : ", " + Amounts.count(p.active()) + " active a token");
  }

  List<Grid> grids() {
    List<Grid> grids = new ArrayList<>();
    grids.add(answers());
    grids.add(memory());
    grids.add(cache());
    if (!plan.remedies().isEmpty()) {
      grids.add(remedies());
    }
    grids.add(mechanisms());
    grids.add(arithmetic());
    return grids;
  }

  List<String> notes() {
    return plan.notes();
  }

  /** Where codes such as W1 are told. */
  static String whereRulesAre() {
    return "W1 to M4 are formulas: docs/planner.md, or the page that --html writes.";
  }

  Grid answers() {
    var s = plan.scenario();
    List<List<String>> rows = new ArrayList<>();
    String each =
        plan.machine().devices() == 1 ? "" : ", " + bytes(plan.machine().deviceBytes()) + " each";
    rows.add(List.of("machine", plan.machine().name() + ": " + bytes(plan.memory()) + each, ""));
    rows.add(List.of("memory reads", reads(), plan.machine().bandwidth() == 0 ? "" : "M3"));
    rows.add(
        List.of(
            "asked",
            text("%,d x %,d tokens", s.users(), s.context())
                + (s.sharedPrefix() == 0 ? "" : text(", %,d of them shared", s.sharedPrefix()))
                + ", cache "
                + (isAllocated() ? s.cacheTypes() : "as published"),
            ""));
    rows.add(
        List.of(
            "verdict",
            plan.fits()
                ? "fits: needs " + bytes(plan.need()) + ", " + bytes(plan.room()) + " left"
                : "does not fit: needs "
                    + bytes(plan.need())
                    + ", "
                    + bytes(-plan.room())
                    + " too much",
            ""));
    rows.add(
        List.of(
            "longest context",
            longest(plan.longestContext()) + text(" for %,d at once", s.users()),
            Formula.LONGEST_CONTEXT.code()));
    rows.add(
        List.of(
            "most users",
            text("%,d at once with %,d tokens each", plan.mostUsers(), s.context()),
            Formula.MOST_USERS.code()));
    return new Grid("plan", List.of("", "", ""), List.of(1, 2), rows);
  }

  private String reads() {
    double bandwidth = plan.machine().bandwidth();
    if (bandwidth == 0) {
      return "not known, so no ceiling on tokens a second; --bandwidth tells it";
    }
    return rate(bandwidth)
        + switch (plan.machine().bandwidthCertainty()) {
          case EXACT -> ", given";
          case MEASURED -> ", measured now";
          case DERIVED, ESTIMATED -> ", as the maker publishes it";
        };
  }

  /** Bytes a second. */
  static String rate(double bytesPerSecond) {
    return bytesPerSecond < 1e12
        ? Amounts.gigabytesPerSecond(bytesPerSecond)
        : text("%.1f TB/s", bytesPerSecond / 1e12);
  }

  private static String longest(LongestContext longest) {
    return longest.tokens() == 0
        ? "none"
        : text(
            "%,d tokens%s",
            longest.tokens(), longest.limitedByModel() ? " (the model's limit)" : "");
  }

  Grid memory() {
    List<List<String>> rows = new ArrayList<>();
    for (MemoryBudget.Part p : plan.parts()) {
      rows.add(
          List.of(
              p.kind().name().toLowerCase(Locale.ROOT),
              p.name(),
              bytes(p.bytes()),
              p.certainty().toString(),
              p.rule().code(),
              p.formula()));
    }
    rows.add(List.of(TOGETHER, "", bytes(plan.need()), "", "", ""));
    return new Grid(
        "memory", List.of("", "", "bytes", "", "", "formula"), List.of(1, 3, 4, 5), rows);
  }

  Grid cache() {
    List<List<String>> rows = new ArrayList<>();
    for (CacheRow r : plan.cache()) {
      rows.add(
          cacheRow(
              r.plane(),
              r.bytesPerToken(),
              r.bytesPerUser(),
              r.rule().code(),
              text("%s: %d layers x %s %s", r.mechanism(), r.layers(), r.shape(), r.dtype())));
    }
    double perToken = plan.cache().stream().mapToDouble(CacheRow::bytesPerToken).sum();
    rows.add(cacheRow(TOGETHER, perToken, plan.kvBytesPerUser(), "", "sum"));
    return plan.kvBytesPerUser() == 0
        ? new Grid(
            "cache, bytes a token", List.of("", "bytes", "", "", "formula"), List.of(2, 3, 4), rows)
        : new Grid(
            "cache, bytes a token and bytes a user",
            List.of("", "a token", "a user", "", "", "formula"),
            List.of(3, 4, 5),
            rows);
  }

  /** What each user takes whatever the context has a column where there is such a thing. */
  private List<String> cacheRow(
      String plane, double perToken, long perUser, String rule, String formula) {
    List<String> row = new ArrayList<>();
    row.add(plane);
    row.add(text(perToken == Math.rint(perToken) ? "%,.0f" : "%,.2f", perToken));
    if (plan.kvBytesPerUser() > 0) {
      row.add(text("%,d", perUser));
    }
    row.addAll(List.of(plan.cache().getFirst().certainty().toString(), rule, formula));
    return row;
  }

  private boolean isAllocated() {
    return plan.cache().getFirst().certainty() == Certainty.EXACT;
  }

  Grid remedies() {
    List<List<String>> rows = new ArrayList<>();
    for (Remedy r : plan.remedies()) {
      rows.add(List.of(r.change(), bytes(r.bytes()), r.fits() ? "fits" : "too much", r.cost()));
    }
    return new Grid(
        "changes, least loss of quality first (A3)",
        List.of("change", "needs", "", "costs"),
        List.of(2, 3),
        rows);
  }

  Grid mechanisms() {
    List<List<String>> rows = new ArrayList<>();
    for (PlanReport.Mechanism m : plan.mechanisms()) {
      rows.add(
          List.of(
              m.name(),
              text("%,d", m.kvBytesPerToken()),
              m.longestContext().tokens() == 0
                  ? "none"
                  : text(
                      "%,d%s",
                      m.longestContext().tokens(), m.longestContext().limitedByModel() ? "*" : ""),
              bytes(Math.round(m.bytesRead())),
              Double.isNaN(m.tokensPerSecond()) ? "-" : text("%,.1f", m.tokensPerSecond()),
              m.note()));
    }
    return new Grid(
        text(
            "this shape with each attention at %,d tokens (M1 M2 M3; * the model's limit;"
                + " estimated)",
            plan.scenario().context()),
        List.of("attention", "B/token", "longest", "read a token", "at most tok/s", ""),
        List.of(5),
        rows);
  }

  Grid arithmetic() {
    List<String> header = new ArrayList<>(List.of("attention"));
    plan.contexts().forEach(c -> header.add(text("%,d", c)));
    List<List<String>> rows = new ArrayList<>();
    for (PlanReport.Mechanism m : plan.mechanisms()) {
      List<String> row = new ArrayList<>(List.of(m.name()));
      m.flops().forEach(f -> row.add(text(f < 1e10 ? "%,.2f" : "%,.0f", f / 1e9)));
      rows.add(row);
    }
    return new Grid("GFLOP a generated token by context (M4; estimated)", header, List.of(), rows);
  }

  /** What a container asks for, as lines of YAML. */
  List<String> kubernetes(Deployment d) {
    String memory = "    memory: " + d.memoryMiB() + "Mi";
    return List.of("resources:", "  requests:", memory, "  limits:", memory);
  }

  private static String bytes(long bytes) {
    return bytes == 0 ? "0" : Amounts.bytes(bytes);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
