package dev.akvavit.text;

import dev.akvavit.core.Limits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small vocabularies that write JSON in every way a large one does. */
public final class Vocabularies {
  private static final List<String> WORDS =
      List.of(
          "{\"", "\":", "\": ", "\",\"", "\", \"", "\"}", "},{", "}]", "[{", "[]", "{}", "\"\"",
          "true", "false", "null", "tr", "ue", "12", "345", "00", "0.", "-1", "e+", "\\\"", "\\u",
          "\\n", "name", "value", " the", "é", "世界", "🍶", "😀😀", "ab", "abc", "\":[", "\":{\"",
          ",", "2026", "-11-", "a\",", "x\"}", "\n", "  ", "\t", "]]", "}}", "1,2", "1, 2");

  private Vocabularies() {}

  /** Byte-level: all bytes, JSON's pairs, halves of characters. */
  public static Tokenizer byteLevel() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      ids.put(String.valueOf(ByteAlphabet.character(b)), ids.size());
    }
    for (String word : WORDS) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      for (int end = bytes.length; end > 1; end -= 2) {
        ids.putIfAbsent(ByteAlphabet.spell(bytes, 0, end), ids.size());
        ids.putIfAbsent(ByteAlphabet.spell(bytes, bytes.length - end, bytes.length), ids.size());
      }
    }
    return tokenizer(ids, new Symbols.Bytes(), false, "<|end|>", "<think>", "</think>");
  }

  /** SentencePiece with byte fallback. */
  public static Tokenizer sentencePiece() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      ids.put("<0x%02X>".formatted(b), ids.size());
    }
    for (char c = ' '; c < 127; c++) {
      ids.put(c == ' ' ? "▁" : String.valueOf(c), ids.size());
    }
    for (String word : WORDS) {
      ids.putIfAbsent(word.replace(' ', '▁'), ids.size());
      ids.putIfAbsent("▁" + word.replace(' ', '▁'), ids.size());
    }
    return tokenizer(ids, new Symbols.CodePoints(true, null, false), true, "</s>", "<unk>", "<s>");
  }

  /** A vocabulary of these texts alone, and the token {@code </s>}. */
  public static Tokenizer of(String... texts) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String text : texts) {
      ids.put(text, ids.size());
    }
    return tokenizer(ids, new Symbols.CodePoints(false, null, false), false, "</s>");
  }

  /** Byte-level, with control tokens of these spellings; those in {@code special} are marked. */
  public static Tokenizer withControls(List<String> special, List<String> unmarked) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      ids.put(String.valueOf(ByteAlphabet.character(b)), ids.size());
    }
    List<AddedToken> added = new ArrayList<>();
    for (String text : special) {
      added.add(new AddedToken(ids.size() + added.size(), text, true, false, false, false));
    }
    for (String text : unmarked) {
      added.add(new AddedToken(ids.size() + added.size(), text, false, false, false, false));
    }
    return tokenizer(ids, new Symbols.Bytes(), false, added);
  }

  /** Vocabularies from outside the repository that happen to be there. */
  public static Map<String, Tokenizer> found() {
    Map<String, Tokenizer> found = new LinkedHashMap<>();
    Path models = Path.of(System.getProperty("akvavit.shared", "../../shared")).resolve("models");
    Path fetched = Path.of(System.getenv().getOrDefault("AKVAVIT_TOKENIZERS", "target/tokenizers"));
    for (Path folder :
        List.of(
            models.resolve("akvavit-java-tiny"),
            fetched.resolve("llama2"),
            fetched.resolve("llama3"),
            fetched.resolve("qwen3"),
            fetched.resolve("deepseek_v3"))) {
      if (Files.exists(folder.resolve("tokenizer.json"))) {
        found.put(String.valueOf(folder.getFileName()), Tokenizers.open(folder, Limits.DEFAULT));
      }
    }
    return found;
  }

  private static Tokenizer tokenizer(
      Map<String, Integer> ids, Symbols symbols, boolean dropLeadingSpace, String... specials) {
    List<AddedToken> added = new ArrayList<>();
    for (String special : specials) {
      added.add(new AddedToken(ids.size() + added.size(), special, true, false, false, false));
    }
    return tokenizer(ids, symbols, dropLeadingSpace, added);
  }

  private static Tokenizer tokenizer(
      Map<String, Integer> ids, Symbols symbols, boolean dropLeadingSpace, List<AddedToken> added) {
    var roles = new TokenizerDefinition.Roles(-1, -1, -1, List.of(), List.of());
    return new Tokenizer(
        new TokenizerDefinition(
            "test",
            ids,
            List.of(),
            symbols,
            false,
            added,
            List.of(),
            List.of(),
            dropLeadingSpace,
            roles));
  }
}
