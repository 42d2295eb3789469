package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.TokenizerDefinition.Roles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GgufVocabularyTest {
  private static final Roles NONE = new Roles(-1, -1, -1, List.of(), List.of());

  @Test
  void byteLevelTokensAndMerges() {
    List<String> tokens = bytes();
    tokens.addAll(List.of("he", "Ġhe", "<|end|>", "[PAD]", "[PAD]"));
    int[] types = types(tokens.size());
    types[258] = 3;
    types[259] = 5;
    types[260] = 5;
    Tokenizer tokenizer =
        new GgufVocabulary(
                "f",
                "gpt2",
                "gpt-2",
                tokens,
                types,
                new float[0],
                List.of("h e", "Ġ he"),
                false,
                new Roles(258, 258, -1, List.of(258), List.of()))
            .tokenizer();
    int x = tokenizer.id("x");
    assertThat(tokenizer.encodeDocument(Prompt.content("he he x")))
        .containsExactly(258, 256, 257, tokenizer.id("Ġ"), x);
    assertThat(tokenizer.encode(Prompt.template("x<|end|>"))).containsExactly(x, 258);
    assertThat(tokenizer.encode(Prompt.content("<|end|>"))).hasSize(7).doesNotContain(258);
    assertThat(tokenizer.decode(new int[] {256, 257}, true)).isEqualTo("he he");
  }

  /** The best score goes first, wherever it is: {@code a b c} becomes {@code a bc}, not ab c. */
  @Test
  void sentencePieceMergesByScore() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int b = 0; b < 256; b++) {
      tokens.add("<0x%02X>".formatted(b));
    }
    tokens.addAll(List.of("▁", "a", "b", "c", "ab", "bc", "▁a"));
    int[] types = types(tokens.size());
    types[0] = 2;
    types[1] = types[2] = 3;
    for (int i = 3; i < 259; i++) {
      types[i] = 6;
    }
    float[] scores = new float[tokens.size()];
    scores[263] = -3;
    scores[264] = -1;
    scores[265] = -2;
    Tokenizer tokenizer =
        new GgufVocabulary(
                "f",
                "llama",
                "default",
                tokens,
                types,
                scores,
                List.of(),
                true,
                new Roles(1, 2, -1, List.of(1), List.of()))
            .tokenizer();
    assertThat(tokenizer.encodeDocument(Prompt.content("abc"))).containsExactly(1, 265, 264);
    assertThat(tokenizer.encode(Prompt.content("é"))).containsExactly(259, 3 + 0xC3, 3 + 0xA9);
    assertThat(tokenizer.decode(new int[] {265, 264}, true)).isEqualTo("abc");
  }

  @Test
  void whatIsNotKnownIsRefusedByName() {
    GgufVocabulary good =
        new GgufVocabulary(
            "f", "gpt2", "gpt-2", bytes(), new int[0], new float[0], List.of(), false, NONE);
    assertThat(good.tokenizer().vocabularySize()).isEqualTo(256);
    assertThatThrownBy(() -> with(good, "bert", "gpt-2", List.of()).tokenizer())
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("tokenizer.ggml.model = bert");
    assertThatThrownBy(() -> with(good, "gpt2", "martian", List.of()).tokenizer())
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("tokenizer.ggml.pre = martian")
        .hasMessageContaining("deepseek-v3");
    assertThatThrownBy(() -> with(good, "gpt2", "gpt-2", List.of("ab")).tokenizer())
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("merges[0]");
    assertThatThrownBy(() -> with(good, "gpt2", "gpt-2", List.of("a zz")).tokenizer())
        .isInstanceOf(MalformedFileException.class);
  }

  @Test
  void listsThatContradictEachOther() {
    assertThatThrownBy(() -> typed(bytes(), new int[3]))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("token_type")
        .hasMessageContaining("256");
    int[] types = types(256);
    types[7] = 9;
    assertThatThrownBy(() -> typed(bytes(), types))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("token_type[7]");
    List<String> twice = bytes();
    twice.add(twice.get(5));
    assertThatThrownBy(() -> typed(twice, new int[0]))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("tokens[256]");
  }

  private static Tokenizer typed(List<String> tokens, int[] types) {
    return new GgufVocabulary(
            "f", "gpt2", "gpt-2", tokens, types, new float[0], List.of(), false, NONE)
        .tokenizer();
  }

  private static GgufVocabulary with(
      GgufVocabulary v, String model, String pre, List<String> merges) {
    return new GgufVocabulary(
        v.origin(), model, pre, v.tokens(), v.types(), v.scores(), merges, false, v.roles());
  }

  private static List<String> bytes() {
    List<String> tokens = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(ByteAlphabet.character(b)));
    }
    return tokens;
  }

  private static int[] types(int count) {
    int[] types = new int[count];
    Arrays.fill(types, 1);
    return types;
  }
}
