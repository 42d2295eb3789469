package dev.akvavit.claims;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.claims.Finding.Case;
import dev.akvavit.claims.Verdict.Ruling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  private static final Published TIMES_57 = Published.figure("57", "x");

  @ParameterizedTest
  @CsvSource({
    "57, 56.9, true",
    "57, 57.5, false",
    "57, 56.4, false",
    "93.3, 93.34, true",
    "93.3, 93.36, false",
    "71.88, 71.875, true",
    "1.000, 1.0004, true",
    "1.000, 0.999, false"
  })
  void aFigureMeansWhatRoundsToIt(String figure, double value, boolean agrees) {
    assertThat(Published.figure(figure, "").agrees(value)).isEqualTo(agrees);
  }

  @Test
  void rangesAndBoundsIncludeTheirEnds() {
    Published range = Published.between(2, 3, "x", "2–3x");
    assertThat(range.agrees(2)).isTrue();
    assertThat(range.agrees(3)).isTrue();
    assertThat(range.agrees(3.001)).isFalse();
    assertThat(Published.atLeast(2, "x", "").agrees(1.99)).isFalse();
    assertThat(Published.atMost(1, "x", "").agrees(1)).isTrue();
    assertThat(Published.atMost(1, "x", "").agrees(Double.NaN)).isFalse();
  }

  @Test
  void allAgreeNoneOrSome() {
    Case yes = new Case("this", 57.2);
    Case no = new Case("that", 12);
    assertThat(Verdict.of(TIMES_57, Finding.derived("", yes)).ruling()).isEqualTo(Ruling.RIGHT);
    assertThat(Verdict.of(TIMES_57, Finding.measured("", no)).ruling()).isEqualTo(Ruling.WRONG);
    assertThat(Verdict.of(TIMES_57, Finding.derived("", yes, no)))
        .isEqualTo(new Verdict(Ruling.RIGHT_ONLY_FOR, "right only for this"));
  }

  @Test
  void whatDecidesNothingIsNotJudged() {
    Case yes = new Case("", 57);
    assertThat(Verdict.of(TIMES_57, Finding.analogue("", yes)).ruling())
        .isEqualTo(Ruling.NOT_REPRODUCIBLE_HERE);
    assertThat(Verdict.of(TIMES_57, Finding.cited("")).ruling()).isEqualTo(Ruling.CITED_ONLY);
  }

  @Test
  void valuesShowOneDigitMoreThanWasPublished() {
    assertThat(TIMES_57.show(56.888)).isEqualTo("56.9");
    assertThat(TIMES_57.show(57)).isEqualTo("57");
    assertThat(Published.figure("93.3", " %").show(93.338)).isEqualTo("93.34");
    assertThat(TIMES_57.show(2.4e-7)).isEqualTo("2e-07");
  }
}
