package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Limits;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What GGUF's own keys can say is read back as the same tokenizer; what they cannot is told. */
class GgufSpellingTest {
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String TEXT = "hello, hello 12345 he's\n\n  Żółw <|end|> é";

  @Test
  void bytesThereAndBack() {
    GgufSpelling spelling = GgufSpelling.of(bytes(LLAMA3, "null", false), 300);
    assertThat(spelling.complete()).isTrue();
    assertThat(spelling.lost()).isEmpty();
    assertThat(spelling.vocabulary().model()).isEqualTo("gpt2");
    assertThat(spelling.vocabulary().pre()).as("Llama's words, merged").isEqualTo("smaug-bpe");
    assertThat(spelling.vocabulary().tokens()).hasSize(300).doesNotHaveDuplicates();
    assertThat(spelling.vocabulary().types()[299]).as("filled up").isEqualTo(5);
    assertThat(spelling.vocabulary().types()[258]).as("<|end|>").isEqualTo(3);
    Tokenizer back = spelling.vocabulary().tokenizer();
    assertThat(back.encode(TEXT, true)).isEqualTo(bytes(LLAMA3, "null", false).encode(TEXT, true));
  }

  @Test
  void whatGgufCannotSay() {
    String digits = "\\p{N}";
    GgufSpelling other = GgufSpelling.of(bytes(digits, "null", false), 0);
    assertThat(other.complete()).isFalse();
    assertThat(other.lost()).singleElement().asString().contains("cut words");
    GgufSpelling normalised = GgufSpelling.of(bytes(LLAMA3, "{\"type\": \"NFC\"}", false), 0);
    assertThat(normalised.complete()).isFalse();
    assertThat(normalised.lost()).singleElement().asString().contains("NFC");
    assertThat(GgufSpelling.of(bytes(LLAMA3, "null", true), 0).lost())
        .singleElement()
        .asString()
        .contains("<|end|>");
  }

  /** Pieces with the merges that SentencePiece's scores amount to. */
  @Test
  void scoresAreTheOrderOfMerges() {
    List<String> pieces = List.of("▁", "a", "b", "ab", "▁ab", "aba", "abab");
    String vocabulary =
        "\"<unk>\": 0, \"<s>\": 1, "
            + IntStream.range(0, 256)
                .mapToObj(b -> "\"<0x%02X>\": %d".formatted(b, b + 2))
                .collect(Collectors.joining(", "))
            + ", "
            + IntStream.range(0, pieces.size())
                .mapToObj(i -> "\"" + pieces.get(i) + "\": " + (i + 258))
                .collect(Collectors.joining(", "));
    String json =
        """
        {"added_tokens": [{"id": 0, "content": "<unk>", "special": true},
                          {"id": 1, "content": "<s>", "special": true}],
         "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
         "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
            {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
         "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
            "vocab": {%s},
            "merges": ["a b", "▁ ab", "ab a", "ab ab", "aba b"]}}
        """
            .formatted(vocabulary);
    Tokenizer tokenizer = Tokenizers.parse("sp.json", json, "{\"bos_token\": \"<s>\"}", LIMITS);
    GgufSpelling spelling = GgufSpelling.of(tokenizer, 0);
    assertThat(spelling.vocabulary().model()).isEqualTo("llama");
    assertThat(spelling.unknown()).isZero();
    assertThat(spelling.vocabulary().scores()[261]).as("ab").isZero();
    assertThat(spelling.vocabulary().scores()[262]).as("▁ab").isEqualTo(-1);
    assertThat(spelling.vocabulary().types()[2]).as("a byte").isEqualTo(6);
    assertThat(spelling.complete()).isTrue();
    String text = "ab abab é aab";
    assertThat(spelling.vocabulary().tokenizer().encode(text, true))
        .isEqualTo(tokenizer.encode(text, true));
  }

  private static final Limits LIMITS = Limits.DEFAULT;

  private static Tokenizer bytes(String pattern, String normalizer, boolean strips) {
    String alphabet =
        IntStream.range(0, 256)
            .mapToObj(b -> quoted(String.valueOf(ByteAlphabet.character(b))) + ": " + b)
            .collect(Collectors.joining(", "));
    String json =
        """
        {"added_tokens": [{"id": 258, "content": "<|end|>", "special": true, "lstrip": %s}],
         "normalizer": %s,
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": %s}, "behavior": "Isolated", "invert": false},
            {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
         "decoder": {"type": "ByteLevel"},
         "model": {"type": "BPE", "vocab": {%s, "he": 256, "ll": 257},
            "merges": ["h e", "l l"]}}
        """
            .formatted(strips, normalizer, quoted(pattern), alphabet);
    return Tokenizers.parse("t.json", json, "{}", LIMITS);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
