package dev.akvavit.text.split;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.text.Goldens;
import dev.akvavit.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The hand-made scanners against the regular expressions they stand for, as Node's engine applies
 * them.
 */
class SplitterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "llama3",
        "qwen2",
        "deepseek_v3",
        "deepseek_llm",
        "deepseek_coder",
        "digit_runs"
      })
  void cutsWhereThePatternDoes(String name) {
    JsonValue golden = Goldens.read("pieces.json");
    Map<String, JsonValue> patterns = golden.get("patterns").members();
    List<Splitter> splitters = new ArrayList<>();
    for (JsonValue pattern : patterns.get(name).items()) {
      splitters.add(Patterns.known(pattern.text()));
    }
    assertThat(splitters).isNotEmpty().doesNotContainNull();
    int column = 1 + List.copyOf(patterns.keySet()).indexOf(name);
    for (JsonValue row : golden.get("rows").items()) {
      String text = row.items().getFirst().text();
      Pieces pieces = Pieces.whole(text.length());
      for (Splitter splitter : splitters) {
        pieces = pieces.refine(text, splitter);
      }
      assertThat(pieces.texts(text)).as(text).isEqualTo(cut(text, row.items().get(column)));
    }
  }

  private static List<String> cut(String text, JsonValue lengths) {
    List<String> pieces = new ArrayList<>();
    int from = 0;
    for (JsonValue length : lengths.items()) {
      int to = from + length.index(text.length() + 1);
      pieces.add(text.substring(from, to));
      from = to;
    }
    return pieces;
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String pattern :
        List.of(
            "",
            "(a+)+$",
            "\\w+",
            "[^a-z]+",
            "[a-z&&[aeiou]]+",
            "[\\p{L}]+",
            "[z-a]+",
            "[]+",
            "[a",
            "a+",
            "[-a]",
            "\\s?[a]")) {
      assertThat(Patterns.known(pattern)).as(pattern).isNull();
    }
  }

  @Test
  void readsRunsOfExplicitRanges() {
    assertThat(Pieces.whole(8).refine("ab7 cd99", Patterns.known("\\s?[a-z]+")).texts("ab7 cd99"))
        .containsExactly("ab", "7", " cd", "99");
    assertThat(Pieces.whole(3).refine("aab", Patterns.known("[a]")).texts("aab"))
        .containsExactly("a", "a", "b");
  }

  @Test
  void spellsSentencePieceWords() {
    String text = "▁▁a▁b";
    assertThat(Pieces.whole(5).refine(text, new Metaspaces()).texts(text))
        .containsExactly("▁", "▁a", "▁b");
    assertThat(Pieces.whole(4).refine("a, b", new AfterLiteral(", ")).texts("a, b"))
        .containsExactly("a, ", "b");
  }
}
