package dev.akvavit.claims;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A claim with its verdict, as values: people and programs get the same.
 *
 * @param value ours, with its conditions, as text
 * @param how derived, measured, or cited, and from what
 */
public record Checked(
    String id,
    String topic,
    String claim,
    String source,
    String published,
    String baseline,
    String value,
    Verdict.Ruling ruling,
    String verdict,
    String how,
    List<Finding.Case> cases) {

  /** A unit longer than this is written once, after the last value. */
  private static final int SHORT_UNIT = 3;

  static Checked of(Claim claim, Finding finding, Verdict verdict) {
    return new Checked(
        claim.id(),
        claim.topic().id(),
        claim.statement(),
        claim.source(),
        claim.published().wording(),
        claim.baseline(),
        finding.cases().isEmpty() ? "–" : values(claim.published(), finding.cases()),
        verdict.ruling(),
        verdict.text(),
        finding.kind().name().toLowerCase(Locale.ROOT) + ": " + finding.how(),
        finding.cases());
  }

  private static String values(Published published, List<Finding.Case> cases) {
    String unit = published.unit();
    boolean each = unit.length() <= SHORT_UNIT;
    return cases.stream()
            .map(c ->
                (c.condition().isEmpty() ? "" : c.condition() + ": ")
                    + published.show(c.value())
                    + (each ? unit : ""))
            .collect(Collectors.joining("; "))
        + (each ? "" : unit);
  }
}
