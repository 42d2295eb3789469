package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.Limits;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.format.Json;
import dev.akvavit.format.JsonConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The embedded model against what transformers said of it: its ten golden prompts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DefaultModelTest {

  /** One golden prompt. */
  record Golden(String name, int[] prompt, int[] greedy, String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  private LanguageModel model;

  @BeforeAll
  void open() {
    model =
        LanguageModel.open(
            DefaultModel.folder(),
            ModelOptions.DEFAULT
                .withCacheType(DType.F32)
                .withActivations(ActivationPrecision.F32)); // as they ran
  }

  @AfterAll
  void close() {
    model.close();
  }

  static Stream<Golden> prompts() {
    JsonConfig file = JsonConfig.read(DefaultModel.folder().resolve("golden.json"), Limits.DEFAULT);
    List<Golden> all = new ArrayList<>();
    for (Json element : ((Json.Elements) file.json("prompts")).list()) {
      JsonConfig p = new JsonConfig((Json.Members) element, "golden.json");
      all.add(
          new Golden(
              p.text("name"),
              p.integers("prompt_ids").stream().mapToInt(i -> i).toArray(),
              p.integers("greedy_ids").stream().mapToInt(i -> i).toArray(),
              p.text("text")));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("prompts")
  void goldenTextsAreReproduced(Golden golden) {
    Generation generation =
        model.generate(
            golden.prompt(), GenerationOptions.GREEDY.withMaxTokens(golden.greedy().length));
    StringBuilder text = new StringBuilder();
    List<Integer> ids = new ArrayList<>();
    for (TextPiece piece : generation) {
      text.append(piece.text());
      if (piece.id() >= 0) {
        ids.add(piece.id());
      }
    }
    assertThat(ids)
        .containsExactly(java.util.Arrays.stream(golden.greedy()).boxed().toArray(Integer[]::new));
    assertThat(text).hasToString(golden.text());
    System.out.println(golden.name() + " " + generation.stats());
  }

  @Test
  void sameAnswerAloneAndInACrowd() {
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(48);
    String alone = model.generate("public final class Strings {", how).text();
    List<Generation> crowd = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      crowd.add(
          model.generate(
              i % 3 == 0 ? "public final class Strings {" : "import java.util." + i, how));
    }
    for (int i = 0; i < crowd.size(); i++) {
      String text = crowd.get(i).text();
      if (i % 3 == 0) {
        assertThat(text).isEqualTo(alone);
      }
    }
  }
}
