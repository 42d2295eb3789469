package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
  private static List<String> tokens(Tokenizer tokenizer, int[] ids) {
    List<String> tokens = new ArrayList<>();
    for (int id : ids) {
      tokens.add(tokenizer.token(id));
    }
    return tokens;
  }

  @Test
  void mergesTheEarliestRuleFirst() {
    Tokenizer tokenizer = Tiny.open(Tiny.byteLevel());
    assertThat(tokens(tokenizer, tokenizer.encode("hello hello", false)))
        .containsExactly("hello", "Ġhello");
    assertThat(tokens(tokenizer, tokenizer.encode("aaaaaaa", false)))
        .containsExactly("aaaa", "aa", "a");
  }

  @Test
  void addsWhatTheFileAsksFor() {
    Tokenizer tokenizer = Tiny.open(Tiny.byteLevel());
    int bos = tokenizer.id("<|bos|>");
    assertThat(tokenizer.encode("a", true)).startsWith(bos).hasSize(2);
    assertThat(tokenizer.encode("a", false)).hasSize(1);
    assertThat(tokenizer.encodeDocument(Prompt.content("<|bos|>")))
        .startsWith(bos)
        .hasSizeGreaterThan(3);
    assertThat(tokenizer.bos()).isEqualTo(bos);
    Map<String, Object> config =
        Tiny.map(
            "bos_token",
            "<|bos|>",
            "eos_token",
            Tiny.map("content", "<|eos|>"),
            "add_bos_token",
            false,
            "add_eos_token",
            true);
    Tokenizer configured = Tiny.open(Tiny.byteLevel(), config);
    assertThat(configured.encode("a", true)).endsWith(configured.eos()).hasSize(2);
    assertThat(configured.pad()).isEqualTo(-1);
  }

  @Test
  void contentSpellsNoControlTokenEvenAcrossSpans() {
    Tokenizer tokenizer = Tiny.open(Tiny.byteLevel());
    int eos = tokenizer.id("<|eos|>");
    assertThat(tokenizer.encode(Prompt.template("<|eos|>"))).containsExactly(eos);
    assertThat(tokenizer.encode(Prompt.template("<|e").plus(Prompt.template("os|>"))))
        .containsExactly(eos);
    for (Prompt split :
        List.of(
            Prompt.content("<|eos|>"),
            Prompt.template("<|").plus(Prompt.content("eos|>")),
            Prompt.content("<|eos").plus(Prompt.template("|>")),
            Prompt.template("<|").plus(Prompt.content("eos")).plus(Prompt.template("|>")))) {
      assertThat(tokenizer.encode(split)).doesNotContain(eos);
      assertThat(tokenizer.decode(tokenizer.encode(split), true)).isEqualTo("<|eos|>");
    }
  }

  @Test
  void wordsReachAcrossSpans() {
    Tokenizer tokenizer = Tiny.open(Tiny.byteLevel());
    Prompt split = Prompt.template(" he").plus(Prompt.content("llo"));
    assertThat(tokens(tokenizer, tokenizer.encode(split))).containsExactly("Ġhello");
  }

  @Test
  void noMergeAndNoWholeWordMakesAControlToken() {
    Map<String, Object> root = Tiny.byteLevel();
    Map<String, Object> model = Tiny.at(root, "model");
    Map<String, Object> vocabulary = Tiny.at(model, "vocab");
    int id = vocabulary.size() + 3;
    vocabulary.put("<>", id);
    ((List<Object>) asList(model.get("merges"))).add("< >");
    ((List<Object>) asList(root.get("added_tokens"))).add(Tiny.added(id, "<>"));
    for (boolean ignoreMerges : new boolean[] {false, true}) {
      model.put("ignore_merges", ignoreMerges);
      Tokenizer tokenizer = Tiny.open(root);
      assertThat(tokens(tokenizer, tokenizer.encode("<>", false))).containsExactly("<", ">");
      assertThat(tokenizer.encode("<>", true)).contains(id);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Object> asList(Object list) {
    return (List<Object>) list;
  }

  @Test
  void ignoringMergesTakesWholeWords() {
    Map<String, Object> root = Tiny.byteLevel();
    Map<String, Object> model = Tiny.at(root, "model");
    Tiny.at(model, "vocab").put("Ġxyz", 3000 - 2400);
    assertThat(Tiny.open(root).encode(" xyz", false)).hasSize(4);
    model.put("ignore_merges", true);
    assertThat(Tiny.open(root).encode(" xyz", false)).containsExactly(600);
  }

  @Test
  void addedTokensSwallowSpacesAndKeepToWords() {
    Map<String, Object> root = Tiny.byteLevel();
    Map<String, Object> strip = Tiny.added(700, "<strip>");
    strip.put("lstrip", true);
    strip.put("rstrip", true);
    Map<String, Object> word = Tiny.added(701, "cat");
    word.put("special", false);
    word.put("single_word", true);
    asList(root.get("added_tokens")).addAll(List.of(strip, word));
    Tokenizer tokenizer = Tiny.open(root);
    assertThat(tokens(tokenizer, tokenizer.encode(Prompt.template("x  <strip> \ny"))))
        .containsExactly("x", "<strip>", "y");
    assertThat(tokenizer.encode("a cat.", false)).contains(701);
    assertThat(tokenizer.encode("concat", false)).doesNotContain(701);
    assertThat(tokenizer.encode("cats", false)).doesNotContain(701);
    assertThat(tokenizer.special(701)).isFalse();
  }

  @Test
  void theLongestAddedTokenWins() {
    Map<String, Object> root = Tiny.byteLevel();
    asList(root.get("added_tokens"))
        .addAll(List.of(Tiny.added(700, "<a"), Tiny.added(701, "<a>b"), Tiny.added(702, "a>")));
    Tokenizer tokenizer = Tiny.open(root);
    assertThat(tokens(tokenizer, tokenizer.encode(Prompt.template("<a>b<a>a>"))))
        .containsExactly("<a>b", "<a", ">", "a>");
  }

  @Test
  void normalizesWhatTheFileSaysAndNothingElse() {
    Map<String, Object> root = Tiny.byteLevel();
    String decomposed = "e\u0301";
    assertThat(Tiny.open(root).encode(decomposed, false)).hasSize(3);
    root.put("normalizer", Tiny.map("type", "NFC"));
    assertThat(Tiny.open(root).encode(decomposed, false))
        .isEqualTo(Tiny.open(root).encode("é", false));
  }

  @Test
  void prefixSpaceOfOldByteLevelFiles() {
    Map<String, Object> root = Tiny.byteLevel();
    root.put("pre_tokenizer", Tiny.map("type", "ByteLevel", "add_prefix_space", true));
    Tokenizer tokenizer = Tiny.open(root);
    assertThat(tokens(tokenizer, tokenizer.encode("hello", false))).containsExactly("Ġhello");
    assertThat(tokens(tokenizer, tokenizer.encode(" hello", false))).containsExactly("Ġhello");
  }

  @Test
  void sentencePieceFallsBackToBytesOrUnknown() {
    Tokenizer tokenizer = Tiny.open(Tiny.sentencePiece());
    assertThat(tokens(tokenizer, tokenizer.encode("hello hello", false)))
        .containsExactly("▁hello", "▁hello");
    assertThat(tokens(tokenizer, tokenizer.encode("ü", false)))
        .containsExactly("▁", "<0xC3>", "<0xBC>");
    Map<String, Object> root = Tiny.sentencePiece();
    Tiny.at(root, "model").put("byte_fallback", false);
    Tokenizer plain = Tiny.open(root);
    assertThat(tokens(plain, plain.encode("aüüb", false))).containsExactly("▁", "a", "<unk>", "b");
    Tiny.at(root, "model").put("fuse_unk", false);
    Tokenizer unfused = Tiny.open(root);
    assertThat(tokens(unfused, unfused.encode("üü", false))).containsExactly("▁", "<unk>", "<unk>");
  }

  @Test
  void metaspaceSchemes() {
    Map<String, Object> root = Tiny.sentencePiece();
    root.put("normalizer", null);
    root.put(
        "decoder", Tiny.map("type", "Metaspace", "replacement", "▁", "prepend_scheme", "always"));
    Map<String, List<String>> expected = new LinkedHashMap<>();
    expected.put("always", List.of("▁hello", "</s>", "▁hello"));
    expected.put("first", List.of("▁hello", "</s>", "h", "e", "ll", "o"));
    expected.put("never", List.of("h", "e", "ll", "o", "</s>", "h", "e", "ll", "o"));
    expected.forEach((scheme, pieces) -> {
      root.put(
          "pre_tokenizer",
          Tiny.map(
              "type", "Metaspace", "replacement", "▁", "prepend_scheme", scheme, "split", true));
      Tokenizer tokenizer = Tiny.open(root);
      assertThat(tokens(tokenizer, tokenizer.encode(Prompt.template("hello</s>hello"))))
          .isEqualTo(pieces);
    });
    root.put(
        "pre_tokenizer",
        Tiny.map("type", "Metaspace", "replacement", "▁", "add_prefix_space", true));
    assertThat(Tiny.open(root).encode("a", false)).hasSize(2);
  }

  @Test
  void infillingOfCodeLlamaPutsNoSpaceBeforeTheSuffix() {
    Map<String, Object> root = Tiny.sentencePiece();
    asList(root.get("added_tokens"))
        .addAll(
            List.of(
                Tiny.added(300, "▁<PRE>"),
                Tiny.added(301, "▁<SUF>"),
                Tiny.added(302, "▁<MID>"),
                Tiny.added(303, "▁<EOT>")));
    Tokenizer tokenizer =
        Tiny.open(root, Tiny.map("bos_token", "<s>", "eos_token", "</s>", "add_bos_token", true));
    FimTokens fim = FimTokens.of(tokenizer);
    assertThat(fim.stops()).containsExactly(2, 303);
    assertThat(tokens(tokenizer, fim.encode(tokenizer, "hello", "aab")))
        .containsExactly("<s>", "▁<PRE>", "▁hello", "▁<SUF>", "aa", "b", "▁<MID>");
    assertThat(FimTokens.of(Tiny.open(Tiny.sentencePiece()))).isNull();
  }

  @Test
  void tellsWhatItKnows() {
    Tokenizer tokenizer = Tiny.open(Tiny.byteLevel());
    assertThat(tokenizer.id("no such token")).isEqualTo(-1);
    assertThat(tokenizer.token(tokenizer.vocabularySize())).isEmpty();
    assertThat(tokenizer.bytes(-1)).isEmpty();
    assertThat(tokenizer.bytes(tokenizer.id("Ġhello")))
        .isEqualTo(" hello".getBytes(StandardCharsets.UTF_8));
    assertThat(tokenizer.longestTokenBytes()).isEqualTo(32);
    assertThat(tokenizer.special(tokenizer.id("<|eos|>"))).isTrue();
  }

  @Test
  void opensFoldersAndNamesWhatIsMissing(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> Tokenizers.open(folder, Limits.DEFAULT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("tokenizer.json");
    Files.writeString(folder.resolve("tokenizer.json"), Tiny.json(Tiny.byteLevel()));
    assertThat(Tokenizers.open(folder, Limits.DEFAULT).encode("a", true)).hasSize(2);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"add_bos_token\": false}");
    assertThat(Tokenizers.open(folder, Limits.DEFAULT).encode("a", true)).hasSize(1);
    Limits narrow = new Limits(1, 99, 99, 99, 1, 1, 3, 100, 1, 1);
    assertThatThrownBy(() -> Tokenizers.open(folder, narrow))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("Limits.jsonBytes");
  }

  /**
   * 100,000 random strings over all of Unicode come back as they went in; lone surrogates come back
   * as U+FFFD.
   */
  @Test
  void roundTrip() {
    List<Tokenizer> tokenizers =
        List.of(
            Tiny.open(Tiny.byteLevel()),
            Tiny.open(Tiny.byteLevel(Tiny.LLAMA3)),
            Tiny.open(Tiny.byteLevel("\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", Tiny.DEEPSEEK_V3)),
            Tiny.open(Tiny.sentencePiece()));
    for (int seed = 0; seed < 100_000; seed++) {
      String text = RandomText.of(new Random(seed), 24);
      Tokenizer tokenizer = tokenizers.get(seed % tokenizers.size());
      // ▁ is SentencePiece's space: text that has one reads as a space there.
      String expected =
          new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
      if (seed % tokenizers.size() == 3) {
        expected = expected.replace('▁', ' ');
      }
      assertThat(tokenizer.decode(tokenizer.encode(text, false), false))
          .as("seed %d", seed)
          .isEqualTo(expected);
    }
  }
}
