package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.Limits;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The model we trained ourselves, against ids that Hugging Face's tokenizers library made. */
class DefaultModelTest {
  private static final Path MODEL =
      Path.of(System.getProperty("akvavit.shared", "../../shared"))
          .resolve("models/akvavit-java-tiny");

  @BeforeEach
  void present() {
    assumeTrue(Files.exists(MODEL.resolve("tokenizer.json")), "no shared models here");
  }

  private static List<JsonValue> golden() {
    Path file = MODEL.resolve("fp8/golden.json");
    return JsonFile.read(file, Limits.DEFAULT).get("prompts").items();
  }

  private static int[] ids(JsonValue array) {
    return array.items().stream().mapToInt(id -> id.index(Integer.MAX_VALUE)).toArray();
  }

  @Test
  void encodesGoldenPrompts() {
    Tokenizer tokenizer = Tokenizers.open(MODEL, Limits.DEFAULT);
    for (JsonValue prompt : golden()) {
      assertThat(tokenizer.encode(prompt.get("prompt").text(), true))
          .as(prompt.get("name").text())
          .isEqualTo(ids(prompt.get("prompt_ids")));
    }
  }

  @Test
  void decodesGoldenAnswers() {
    Tokenizer tokenizer = Tokenizers.open(MODEL, Limits.DEFAULT);
    for (JsonValue prompt : golden()) {
      assertThat(tokenizer.decode(ids(prompt.get("greedy_ids")), true))
          .as(prompt.get("name").text())
          .isEqualTo(prompt.get("text").text());
    }
  }

  @Test
  void contentNeverBecomesSpecial() {
    Tokenizer tokenizer = Tokenizers.open(MODEL, Limits.DEFAULT);
    for (int id = 0; id < 16; id++) {
      String spelled = tokenizer.token(id);
      assertThat(tokenizer.encode(spelled, false)).doesNotContain(id).hasSizeGreaterThan(1);
      assertThat(tokenizer.decode(tokenizer.encode(spelled, false), true)).isEqualTo(spelled);
      assertThat(tokenizer.encode(Prompt.template(spelled))).containsExactly(id);
    }
    assertThat(tokenizer.bos()).isZero();
    assertThat(tokenizer.eos()).isEqualTo(1);
    assertThat(tokenizer.pad()).isEqualTo(2);
    assertThat(tokenizer.vocabularySize()).isEqualTo(12288);
  }

  @Test
  void fillsInTheMiddle() {
    Tokenizer tokenizer = Tokenizers.open(MODEL, Limits.DEFAULT);
    FimTokens fim = FimTokens.of(tokenizer);
    assertThat(fim).isEqualTo(new FimTokens(3, 4, 5, List.of(1, 6)));
    List<JsonValue> gaps =
        golden().stream().filter(p -> p.get("prompt").text().contains("<|fim_hole|>")).toList();
    assertThat(gaps).isNotEmpty();
    for (JsonValue gap : gaps) {
      String[] parts = gap.get("prompt").text().split("<\\|fim_(begin|hole|end)\\|>");
      assertThat(fim.encode(tokenizer, parts[1], parts[2])).isEqualTo(ids(gap.get("prompt_ids")));
    }
  }
}
