package dev.akvavit.cli;

import dev.akvavit.claims.Checked;
import dev.akvavit.claims.Claim;
import dev.akvavit.claims.Topic;
import dev.akvavit.claims.Verdict.Ruling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Checked claims for people: a few lines each under their topic, or a Markdown table a topic. */
final class ClaimsPage {
  private static final int WIDTH = 100;
  private static final int LABEL = 10;

  private final Screen screen;

  ClaimsPage(Screen screen) {
    this.screen = screen;
  }

  /** Ids and statements, unchecked. */
  static void list(Screen screen, List<Claim> claims) {
    for (Topic topic : Topic.values()) {
      List<Claim> own = claims.stream().filter(c -> c.topic() == topic).toList();
      if (!own.isEmpty()) {
        screen.say(screen.boldOut(topic.id()) + "  " + screen.dimOut(topic.title()));
        own.forEach(c -> screen.say(String.format("  %-20s%s", c.id(), c.statement())));
      }
    }
  }

  void print(List<Checked> checked) {
    for (Topic topic : Topic.values()) {
      List<Checked> own = checked.stream().filter(c -> c.topic().equals(topic.id())).toList();
      if (!own.isEmpty()) {
        screen.say(screen.boldOut(topic.title()));
        own.forEach(this::print);
        screen.out().println();
      }
    }
    screen.say(summary(checked));
  }

  private void print(Checked c) {
    screen.say("  " + screen.boldOut(c.id()) + "  " + c.claim());
    List<String> verdict = Screen.wrapped(c.verdict(), WIDTH - LABEL);
    verdict.forEach(
        line -> screen.say(label(line.equals(verdict.getFirst()) ? "is" : "") + coloured(line, c)));
    field("said", c.published() + " (" + c.source() + ")" + against(c));
    field(c.value().equals("–") ? "found" : "ours", ours(c));
  }

  private static String against(Checked c) {
    return c.baseline().equals("–") ? "" : ", against " + c.baseline();
  }

  private static String ours(Checked c) {
    return c.value().equals("–") ? c.how() : c.value() + ", " + c.how();
  }

  private void field(String name, String text) {
    List<String> lines = Screen.wrapped(text, WIDTH - LABEL);
    for (int i = 0; i < lines.size(); i++) {
      screen.say(label(i == 0 ? name : "") + lines.get(i));
    }
  }

  private String label(String name) {
    return screen.dimOut(String.format("    %-6s", name));
  }

  private String coloured(String text, Checked c) {
    return switch (c.ruling()) {
      case RIGHT -> screen.greenOut(text);
      case WRONG -> screen.redOut(text);
      case RIGHT_ONLY_FOR -> screen.boldOut(text);
      case NOT_REPRODUCIBLE_HERE, CITED_ONLY -> screen.dimOut(text);
    };
  }

  /** How many of each ruling. */
  static String summary(List<Checked> checked) {
    return checked.size()
        + (checked.size() == 1 ? " claim: " : " claims: ")
        + Arrays.stream(Ruling.values())
            .filter(r -> checked.stream().anyMatch(c -> c.ruling() == r))
            .map(r -> checked.stream().filter(c -> c.ruling() == r).count() + " " + name(r))
            .collect(Collectors.joining(", "));
  }

  private static String name(Ruling ruling) {
    return ruling == Ruling.RIGHT_ONLY_FOR ? "right only for some cases" : ruling.toString();
  }

  static List<String> markdown(List<Checked> checked) {
    List<String> lines = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      List<List<String>> rows =
          checked.stream()
              .filter(c -> c.topic().equals(topic.id()))
              .map(c ->
                  List.of(
                      "`" + c.id() + "`",
                      c.claim(),
                      c.published() + " (" + c.source() + ")",
                      c.baseline(),
                      c.value(),
                      "**" + c.verdict() + "**",
                      c.how()))
              .toList();
      if (!rows.isEmpty()) {
        Grid grid =
            new Grid(
                topic.title(),
                List.of("id", "claim", "published", "against", "ours", "verdict", "how"),
                List.of(1, 2, 3, 4, 5, 6),
                rows);
        lines.addAll(grid.markdown());
        lines.add("");
      }
    }
    lines.add(String.format(Locale.ROOT, "%s.", summary(checked)));
    return lines;
  }
}
