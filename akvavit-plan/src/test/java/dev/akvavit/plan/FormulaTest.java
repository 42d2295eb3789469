package dev.akvavit.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FormulaTest {

  @Test
  void everyRuleIsToldInTheDocuments() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "planner.md"));
    for (Formula f : Formula.values()) {
      assertThat(page)
          .as(f.name())
          .contains(
              "<a id=\""
                  + f.anchor()
                  + "\"></a>"
                  + f.code()
                  + " | "
                  + f.title()
                  + " | "
                  + f.text());
    }
  }

  @Test
  void codesAreUnique() {
    assertThat(Stream.of(Formula.values()).map(Formula::code)).doesNotHaveDuplicates();
  }
}
