package dev.akvavit.claims;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.report.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoryTest {
  @Test
  void everyMechanismHasThreeSentencesAndACurve() {
    List<Checked> checked =
        Claims.named("cache").stream().map(c -> c.check(TrialsTest.LAB)).toList();
    List<Part> parts = Story.page(TrialsTest.LAB, checked, "here").parts();
    for (String id : List.of("mha", "mqa", "gqa", "mla", "dsa", "moe")) {
      int at = indexOf(parts, id);
      String text = ((Part.Paragraph) parts.get(at + 1)).text().spans().getFirst().text();
      assertThat(text.split("[.] ")).as(id).hasSizeBetween(3, 4); // "et al." ends in a dot too
      assertThat(parts.get(at + 2)).isInstanceOf(Part.Figure.class);
    }
    assertThat(Story.page(TrialsTest.LAB, checked, "here").html())
        .contains("right only for", "id=\"mla-57x\"", "V2's rows in 6 bits".replace("'", "&#39;"))
        .doesNotContain("NaN");
  }

  private static int indexOf(List<Part> parts, String heading) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i) instanceof Part.Heading h && h.id().equals(heading)) {
        return i;
      }
    }
    throw new AssertionError("no heading " + heading);
  }
}
