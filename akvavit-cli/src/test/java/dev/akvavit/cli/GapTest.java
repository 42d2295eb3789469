package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GapTest {
  private static final String TEXT = "one\ntwo\n\n    three }\n}\n";

  @Test
  void standsAtTheEndOfTheTextOfALineOrAtAColumn() {
    assertThat(Gap.at(TEXT, 0, 0)).isEqualTo(new Gap(TEXT, ""));
    assertThat(Gap.at(TEXT, 2, 0)).isEqualTo(new Gap("one\ntwo", "\n\n    three }\n}\n"));
    assertThat(Gap.at(TEXT, 3, 0)).isEqualTo(new Gap("one\ntwo\n", "\n    three }\n}\n"));
    assertThat(Gap.at(TEXT, 1, 2)).isEqualTo(new Gap("o", "ne\ntwo\n\n    three }\n}\n"));
    assertThat(Gap.at(TEXT, 6, 0)).isEqualTo(new Gap(TEXT, ""));
  }

  @Test
  void onlyWhiteSpaceBehindItIsAnEnd() {
    assertThat(new Gap("x", "\n  \n").isEnd()).isTrue();
    assertThat(new Gap("x", "\n  }\n").isEnd()).isFalse();
  }

  @Test
  void aRepetitionIsTheRestOfTheLineOrTheNextOne() {
    assertThat(new Gap("f(", "); \nx").repetitions()).containsExactly(");\n");
    assertThat(new Gap("f", "\n\n    }\n").repetitions())
        .as("a brace counts in its place only")
        .containsExactly("\n    }\n");
    assertThat(new Gap("f", "\n  return total;\n").repetitions())
        .containsExactly("\n  return total;\n", "return total;\n");
    assertThat(new Gap("f", "\n \n").repetitions()).isEmpty();
    assertThat(new Gap("f", "x".repeat(300)).repetitions().getFirst()).hasSize(256);
  }

  @Test
  void aDiffShowsAnInsertedLineBetweenItsNeighbours() {
    Gap gap = new Gap("a\nb\nc\nd", "\ne\nf\ng\nh\n");
    assertThat(GapDiff.of(gap, "\nnew", "F"))
        .containsExactly(
            "--- F", "+++ F", "@@ -2,6 +2,7 @@", " b", " c", " d", "+new", " e", " f", " g");
  }

  @Test
  void aDiffShowsAChangedLine() {
    assertThat(GapDiff.of(new Gap("a\nint x = ", ";\nb\n"), "1", "F"))
        .containsExactly(
            "--- F", "+++ F", "@@ -1,3 +1,3 @@", " a", "-int x = ;", "+int x = 1;", " b");
    assertThat(GapDiff.of(new Gap("a", "\nb"), "", "F")).isEmpty();
  }
}
