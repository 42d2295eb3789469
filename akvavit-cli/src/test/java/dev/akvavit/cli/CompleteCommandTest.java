package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompleteCommandTest {
  private static final String SOURCE =
      """
      public final class Sums {
          public static int sum(int[] values) {
              int total = 0;
              for (int i = 0; i < values.length; i++) {
              }
              return total;
          }
      }
      """;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = Files.writeString(folder.resolve("Sums.java"), SOURCE);
  }

  @Test
  void printsTheMiddleAloneAndStopsBeforeWhatFollows() {
    Invocation run = Invocation.of("complete", "-n", "48", file + ":4");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).doesNotContain("public static int sum").doesNotContain("\n        }\n");
    assertThat(run.err()).contains("decode ");
  }

  @Test
  void withoutALineItGoesOnAtTheEnd() {
    Invocation whole = Invocation.of("complete", "-n", "8", file.toString());
    assertThat(whole.out()).isEqualTo(Invocation.of("run", "-n", "8", SOURCE).out());
  }

  @Test
  void aDiffAddsLinesToTheFileAsItIs() throws Exception {
    Invocation run = Invocation.of("complete", "--diff", "-n", "16", file + ":3:9");
    assertThat(run.out()).startsWith("--- " + file + "\n+++ " + file + "\n@@ -");
    assertThat(run.out().lines().filter(l -> l.startsWith("+") && !l.startsWith("+++")))
        .isNotEmpty();
    assertThat(Files.readString(file)).isEqualTo(SOURCE);
  }

  @Test
  void saysHowManyLinesTheContextLeavesOut() {
    Invocation run = Invocation.of("complete", "--context", "48", "-n", "8", file + ":6");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .containsPattern(
            "left out \\d+ lines far from the gap: the context holds 48 tokens, 8 of them");
  }
}
