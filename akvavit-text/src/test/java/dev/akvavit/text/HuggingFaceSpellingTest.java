package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Limits;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.split.Metaspaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GGUF's vocabularies as {@code tokenizer.json}: read again they give the same ids. */
class HuggingFaceSpellingTest {
  private static final List<String> TEXTS =
      List.of(
          "hello, hello 12345 he's\n\n  Żółw <|end|> é",
          "漢字かな 12 x=\"\\u00e9\" \t\r\n he\u0301 ÀÉ ～！ ",
          "",
          " ",
          "class A { int he11o; } // ll");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-2",
        "llama-bpe",
        "smaug-bpe",
        "qwen2",
        "starcoder",
        "deepseek-v3",
        "deepseek-coder",
        "deepseek-llm"
      })
  void bytes(String pre) {
    List<String> tokens = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(ByteAlphabet.character(b)));
    }
    tokens.addAll(List.of("he", "ll", "hell", "hello", "<|end|>", "[PAD261]", "<|pad|>"));
    int[] types = new int[tokens.size()];
    Arrays.fill(types, GgufVocabulary.NORMAL);
    types[260] = GgufVocabulary.CONTROL;
    types[261] = GgufVocabulary.UNUSED;
    types[262] = GgufVocabulary.USER_DEFINED;
    List<String> merges = List.of("h e", "l l", "he ll", "hell o");
    var roles = new TokenizerDefinition.Roles(260, 260, 262, List.of(260), List.of(260));
    Tokenizer tokenizer =
        new GgufVocabulary("x.gguf", "gpt2", pre, tokens, types, new float[0], merges, false, roles)
            .tokenizer();
    Tokenizer back = read(tokenizer);
    assertSame(tokenizer, back);
    assertThat(back.definition().splitters()).isEqualTo(tokenizer.definition().splitters());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pieces(boolean prefix) {
    Tokenizer tokenizer = sentencePiece(prefix);
    assertSame(tokenizer, read(tokenizer));
    assertThat(HuggingFaceSpelling.of(tokenizer, "{{ \"a\nb\" }}").config())
        .contains("\"unk_token\":\"<unk>\"", "\"chat_template\":\"{{ \\\"a\\nb\\\" }}\"");
  }

  @Test
  void whatGgufNeverHas() {
    TokenizerDefinition d = sentencePiece(true).definition();
    Tokenizer cut =
        new Tokenizer(
            new TokenizerDefinition(
                d.origin(),
                d.vocabulary(),
                d.merges(),
                d.symbols(),
                d.ignoreMerges(),
                d.added(),
                d.rewrites(),
                List.of(new Metaspaces()),
                d.dropLeadingSpace(),
                d.roles()));
    assertThatThrownBy(() -> HuggingFaceSpelling.of(cut, null))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("as tokenizer.json");
  }

  private static Tokenizer sentencePiece(boolean prefix) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int b = 0; b < 256; b++) {
      tokens.add("<0x%02X>".formatted(b));
    }
    tokens.addAll(List.of("▁", "h", "e", "l", "o", "he", "ll", "▁he", "llo", "hello", "▁hello"));
    int[] types = new int[tokens.size()];
    float[] scores = new float[tokens.size()];
    Arrays.fill(types, 0, 3, GgufVocabulary.CONTROL);
    types[0] = GgufVocabulary.UNKNOWN;
    Arrays.fill(types, 3, 259, GgufVocabulary.BYTE);
    Arrays.fill(types, 259, types.length, GgufVocabulary.NORMAL);
    for (int i = 259; i < types.length; i++) {
      scores[i] = 259 - i;
    }
    var roles =
        new TokenizerDefinition.Roles(1, 2, TokenizerDefinition.NONE, List.of(1), List.of());
    return new GgufVocabulary(
            "x.gguf", "llama", "", tokens, types, scores, List.of(), prefix, roles)
        .tokenizer();
  }

  private static void assertSame(Tokenizer tokenizer, Tokenizer back) {
    for (String text : TEXTS) {
      int[] ids = tokenizer.encodeDocument(Prompt.template(text));
      assertThat(back.encodeDocument(Prompt.template(text))).as(text).isEqualTo(ids);
      assertThat(back.decode(ids, true)).isEqualTo(tokenizer.decode(ids, true));
    }
    assertThat(back.eos()).isEqualTo(tokenizer.eos());
    assertThat(back.pad()).isEqualTo(tokenizer.pad());
  }

  private static Tokenizer read(Tokenizer tokenizer) {
    HuggingFaceSpelling spelling = HuggingFaceSpelling.of(tokenizer, null);
    return Tokenizers.parse("t.json", spelling.tokenizer(), spelling.config(), Limits.DEFAULT);
  }
}
