package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a finding says of a claim, by one rule: every case agrees, none, or some. An analogue and a
 * quotation decide nothing.
 *
 * @param text the ruling, with the conditions where there are some
 */
public record Verdict(Ruling ruling, String text) {
  /** From best to least known. */
  public enum Ruling {
    RIGHT,
    RIGHT_ONLY_FOR,
    WRONG,
    NOT_REPRODUCIBLE_HERE,
    CITED_ONLY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  static Verdict of(Published published, Finding finding) {
    return switch (finding.kind()) {
      case CITED -> plain(Ruling.CITED_ONLY);
      case ANALOGUE -> plain(Ruling.NOT_REPRODUCIBLE_HERE);
      case DERIVED, MEASURED -> compared(published, finding.cases());
    };
  }

  private static Verdict compared(Published published, List<Case> cases) {
    List<Case> agreeing = cases.stream().filter(c -> published.agrees(c.value())).toList();
    if (agreeing.isEmpty()) {
      return plain(Ruling.WRONG);
    }
    if (agreeing.size() == cases.size()) {
      return plain(Ruling.RIGHT);
    }
    String conditions = agreeing.stream().map(Case::condition).collect(Collectors.joining(", "));
    return new Verdict(Ruling.RIGHT_ONLY_FOR, Ruling.RIGHT_ONLY_FOR + " " + conditions);
  }

  private static Verdict plain(Ruling ruling) {
    return new Verdict(ruling, ruling.toString());
  }
}
