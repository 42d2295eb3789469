package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.Limits;
import dev.akvavit.text.json.JsonValue;
import dev.akvavit.text.template.ChatEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Published vocabularies against the ids that npm's {@code @huggingface/tokenizers} gives; {@code
 * src/test/oracle/fetch.sh} brings the vocabularies, and without them this is skipped.
 */
class RealVocabularyTest {
  private static final Path FOLDER =
      Path.of(System.getenv().getOrDefault("AKVAVIT_TOKENIZERS", "target/tokenizers"));

  private static final Map<String, Tokenizer> OPENED = new HashMap<>();

  private static Tokenizer open(String model) {
    Path folder = FOLDER.resolve(model);
    assumeTrue(Files.exists(folder.resolve("tokenizer.json")), "not fetched: " + folder);
    return OPENED.computeIfAbsent(model, name -> Tokenizers.open(folder, Limits.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "gemma3", "llama2", "llama3", "qwen3"})
  void idsOfTheReference(String model) {
    Tokenizer tokenizer = open(model);
    JsonValue golden = Goldens.read("tokens.json");
    List<String> models = new ArrayList<>();
    golden.get("models").items().forEach(name -> models.add(name.text()));
    int column = 1 + models.indexOf(model);
    SoftAssertions soft = new SoftAssertions();
    for (JsonValue row : golden.get("rows").items()) {
      String text = row.items().getFirst().text();
      soft.assertThat(tokenizer.encode(Prompt.template(text)))
          .as(text)
          .isEqualTo(Goldens.ids(row.items().get(column)));
    }
    soft.assertAll();
    assertThat(golden.get("rows").items()).hasSizeGreaterThan(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "gemma3", "llama2", "llama3", "qwen3"})
  void contentSpellsNoControlToken(String model) {
    Tokenizer tokenizer = open(model);
    int controls = 0;
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      if (tokenizer.control(id)) {
        controls++;
        String spelled = "a" + tokenizer.token(id) + " b";
        for (int got : tokenizer.encode(spelled, false)) {
          assertThat(tokenizer.control(got))
              .as("%s gave %s", spelled, tokenizer.token(got))
              .isFalse();
        }
        assertThat(tokenizer.encode(Prompt.template(spelled))).contains(id);
      }
    }
    assertThat(controls).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "gemma3", "llama2", "llama3", "qwen3"})
  void textComesBack(String model) {
    Tokenizer tokenizer = open(model);
    for (JsonValue row : Goldens.read("tokens.json").get("rows").items()) {
      String text = row.items().getFirst().text();
      String back = tokenizer.decode(tokenizer.encode(text, false), false);
      String expected =
          model.equals("qwen3") ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
      boolean spaceSign = model.equals("llama2") || model.equals("gemma3");
      assertThat(back).isEqualTo(spaceSign ? expected.replace('▁', ' ') : expected);
    }
  }

  /** Who reads an answer must see where the thoughts end, yet no user may end them. */
  @Test
  void thoughtsAreControlledButShown() {
    Tokenizer tokenizer = open("qwen3");
    int thought = tokenizer.id("</think>");
    assertThat(tokenizer.control(thought)).isTrue();
    assertThat(tokenizer.special(thought)).isFalse();
    assertThat(tokenizer.decode(new int[] {tokenizer.eos(), thought}, true)).isEqualTo("</think>");
  }

  /**
   * A chat is one text to the tokenizer: spans change nothing until a message spells a control
   * token.
   */
  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "gemma3", "llama3", "qwen3"})
  void chatsReadAsOneTextWhoseMessagesSpellNothing(String model) {
    Tokenizer tokenizer = open(model);
    ChatEncoder chat = ChatEncoder.open(FOLDER.resolve(model), tokenizer, Limits.DEFAULT);
    Prompt plain = chat.render(List.of(ChatMessage.user("Hello, world 123!")), true, Map.of());
    int[] ids = tokenizer.encode(plain);
    assertThat(ids).isEqualTo(tokenizer.encode(Prompt.template(plain.text())));
    List<String> controls = new ArrayList<>();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      if (tokenizer.control(id)) {
        controls.add(tokenizer.token(id));
      }
    }
    Prompt spelled =
        chat.render(List.of(ChatMessage.user(String.join(" ", controls))), true, Map.of());
    assertThat(controlsIn(tokenizer, tokenizer.encode(spelled)))
        .isEqualTo(controlsIn(tokenizer, ids))
        .isNotEmpty();
  }

  private static List<Integer> controlsIn(Tokenizer tokenizer, int[] ids) {
    return IntStream.of(ids).filter(tokenizer::control).boxed().toList();
  }
}
