package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Claims that are derived: measured ones take their time in the claims' own tests. */
class ClaimsCommandTest {

  @Test
  void listNamesTopicsAndClaims() {
    String out = Invocation.of("claims", "--list").out();
    assertThat(out).contains("cache  ", "mla-57x ", "sparse  ", "dsa-2-3x ");
    assertThat(out.lines()).allMatch(l -> l.length() <= 100);
    assertThat(Invocation.of("claims", "--list", "kv-93").out()).hasLineCount(2);
  }

  @Test
  void aClaimIsToldInAFewLinesThatFitAPage() {
    Invocation run = Invocation.of("claims", "mla-57x", "kv-93", "shapes", "names");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().filter(l -> l.length() > 100)).isEmpty();
    assertThat(run.out())
        .contains("56.9x", "right only for V2's rows in 6 bits", "V2's shape as MHA: 98.24 %")
        .contains("derived: ", "cited: ")
        .containsPattern("17 claims: \\d+ right, ");
  }

  @Test
  void jsonSaysTheSame() {
    JsonObject report = Invocation.of("claims", "gqa-8x", "--quick", "--json").json();
    assertThat(report.text("effort")).isEqualTo("quick");
    JsonObject claim = report.objects("claims").getFirst();
    assertThat(claim.text("ruling")).isEqualTo("right only for");
    assertThat(claim.text("verdict")).isEqualTo("right only for 128 heads");
    assertThat(claim.objects("cases")).hasSize(3);
    assertThat(claim.objects("cases").getLast().number("value")).isEqualTo(2);
  }

  @Test
  void markdownHasATableATopic() {
    String out = Invocation.of("claims", "gqa-56", "name-mla", "--markdown").out();
    assertThat(out).contains("### Shapes and parameters", "### Names", "| **wrong** |");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mla-58x | 2 | unknown claim mla-58x, did you mean mla-57x?
          spares | 2 | did you mean sparse?
          zzzzzzzzzzzzz | 2 | akvavit claims --list names all
          --html no/such/folder/a.html | 1 | --html: found no/such/folder/a.html
          """)
  void mistakesAreNamed(String arguments, int exitCode, String message) {
    Invocation run = Invocation.of(("claims " + arguments).split(" "));
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }
}
