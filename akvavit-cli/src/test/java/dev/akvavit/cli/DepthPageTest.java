package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DepthPageTest {
  @TempDir private Path folder;

  private static DepthPage page(double last) {
    List<List<Double>> rates = List.of(List.of(40.0, 10.0), List.of(32.0, last));
    List<Long> bytes = List.of(32_768L, 4608L);
    return new DepthPage(
        new DepthCurves(List.of(0, 32768), List.of("MHA", "MLA"), rates, bytes, "cpu", 3),
        "Notes.");
  }

  @Test
  void onlyWhatStandsBetweenTheMarksIsReplaced() throws IOException {
    Path file = folder.resolve("depth.md");
    page(8).write(file);
    Files.writeString(file, "# Mine\n\n" + Files.readString(file) + "\nThe end.\n");
    page(24).write(file);
    assertThat(file)
        .content()
        .startsWith("# Mine\n")
        .endsWith("\nThe end.\n")
        .contains("![Tokens a second against depth](images/depth.svg)")
        .contains("| tokens a second at depth | 0 | 32K | cache bytes a token |")
        .contains("| MHA | 40.0 (100 %) | 10.0 (25 %) | 32,768 |")
        .contains("| MLA | 32.0 (100 %) | 24.0 (75 %) | 4,608 |")
        .doesNotContain("8.0 (25 %)");
    assertThat(folder.resolve("images/depth.svg")).content().contains("<svg", "MHA", "MLA");
  }

  @Test
  void aPageWithoutMarksIsLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("other.md"), "# Mine\n");
    assertThatThrownBy(() -> page(8).write(file))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("found no marks");
    assertThat(file).hasContent("# Mine\n");
  }

  @Test
  void allMechanismsAreMeasuredAtEveryDepth() {
    DepthCurves curves =
        DepthCurves.measure(new DepthCurves.Slice(1, 64, 256), List.of(0, 64), 1, done -> {});
    assertThat(curves.mechanisms())
        .containsExactly("MHA", "GQA-8", "MQA", "MLA", "MLA + DSA top 2048");
    assertThat(curves.rates())
        .allSatisfy(
            rates -> assertThat(rates).hasSize(2).allSatisfy(r -> assertThat(r).isPositive()));
    assertThat(curves.bytesPerToken())
        .as("two bytes an element; index keys of FP8 with a factor")
        .containsExactly(8192L, 4096L, 512L, 1152L, 1152L + 128 + 4);
  }
}
