package dev.akvavit.text;

import dev.akvavit.core.Limits;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokenizer files of a few hundred tokens, as trees of maps and lists that a test may break. */
final class Tiny {
  static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String DEEPSEEK_V3 =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

  private Tiny() {}

  /** Byte-level, with merges that double letters, spaces, line breaks and some signs. */
  static Map<String, Object> byteLevel(String... patterns) {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      vocabulary.put(String.valueOf(ByteAlphabet.character(b)), vocabulary.size());
    }
    List<Object> merges = new ArrayList<>();
    for (String unit : List.of("a", "b", "Ġ", "Ċ", "0", "'", "^", "é".substring(0, 1))) {
      for (String left = unit; left.length() < 32; left = left + left) {
        merges.add(left + " " + left);
        vocabulary.putIfAbsent(left + left, vocabulary.size());
      }
    }
    for (List<String> pair :
        List.of(
            List.of("h", "e"),
            List.of("l", "l"),
            List.of("he", "ll"),
            List.of("hell", "o"),
            List.of("Ġ", "hello"))) {
      merges.add(pair);
      vocabulary.putIfAbsent(pair.get(0) + pair.get(1), vocabulary.size());
    }
    List<Object> steps = new ArrayList<>();
    for (String pattern : patterns) {
      steps.add(
          map(
              "type",
              "Split",
              "pattern",
              map("Regex", pattern),
              "behavior",
              "Isolated",
              "invert",
              false));
    }
    steps.add(
        map(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            true,
            "use_regex",
            patterns.length == 0));
    Map<String, Object> root = map("version", "1.0");
    root.put("added_tokens", added(vocabulary.size(), "<|bos|>", "<|eos|>", "<|user|>"));
    root.put("normalizer", null);
    root.put("pre_tokenizer", map("type", "Sequence", "pretokenizers", steps));
    root.put("post_processor", bosFirst("<|bos|>", vocabulary.size()));
    root.put("decoder", map("type", "ByteLevel"));
    root.put(
        "model", map("type", "BPE", "ignore_merges", false, "vocab", vocabulary, "merges", merges));
    return root;
  }

  /** SentencePiece with byte fallback, in the form of Llama 2. */
  static Map<String, Object> sentencePiece() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (String special : List.of("<unk>", "<s>", "</s>")) {
      vocabulary.put(special, vocabulary.size());
    }
    for (int b = 0; b < 256; b++) {
      vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
    }
    for (String letter : List.of("▁", "a", "b", "h", "e", "l", "o", "w", "r", "d", "é")) {
      vocabulary.put(letter, vocabulary.size());
    }
    List<Object> merges = new ArrayList<>();
    for (List<String> pair :
        List.of(
            List.of("▁", "h"),
            List.of("l", "l"),
            List.of("▁h", "e"),
            List.of("▁he", "ll"),
            List.of("▁hell", "o"),
            List.of("a", "a"),
            List.of("▁", "▁"))) {
      merges.add(pair.get(0) + " " + pair.get(1));
      vocabulary.put(pair.get(0) + pair.get(1), vocabulary.size());
    }
    Map<String, Object> root = map("version", "1.0");
    root.put("added_tokens", added(0, "<unk>", "<s>", "</s>"));
    root.put(
        "normalizer",
        map(
            "type",
            "Sequence",
            "normalizers",
            List.of(
                map("type", "Prepend", "prepend", "▁"),
                map("type", "Replace", "pattern", map("String", " "), "content", "▁"))));
    root.put("pre_tokenizer", null);
    root.put("post_processor", bosFirst("<s>", 1));
    root.put(
        "decoder",
        map(
            "type",
            "Sequence",
            "decoders",
            List.of(
                map("type", "Replace", "pattern", map("String", "▁"), "content", " "),
                map("type", "ByteFallback"),
                map("type", "Fuse"),
                map("type", "Strip", "content", " ", "start", 1, "stop", 0))));
    root.put(
        "model",
        map(
            "type",
            "BPE",
            "unk_token",
            "<unk>",
            "fuse_unk",
            true,
            "byte_fallback",
            true,
            "vocab",
            vocabulary,
            "merges",
            merges));
    return root;
  }

  static Tokenizer open(Map<String, Object> root) {
    return open(root, Map.of());
  }

  static Tokenizer open(Map<String, Object> root, Map<String, Object> config) {
    JsonValue tokenizer = parse("tokenizer.json", root);
    return new Tokenizer(TokenizerJson.read(tokenizer, parse("tokenizer_config.json", config)));
  }

  static JsonValue parse(String file, Object tree) {
    return JsonFile.parse(file, json(tree).getBytes(StandardCharsets.UTF_8), Limits.DEFAULT);
  }

  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> at(Map<String, Object> root, String key) {
    return (Map<String, Object>) root.get(key);
  }

  static Map<String, Object> added(int id, String text) {
    return map(
        "id",
        id,
        "content",
        text,
        "single_word",
        false,
        "lstrip",
        false,
        "rstrip",
        false,
        "normalized",
        false,
        "special",
        true);
  }

  private static List<Object> added(int first, String... texts) {
    List<Object> tokens = new ArrayList<>();
    for (String text : texts) {
      tokens.add(added(first + tokens.size(), text));
    }
    return tokens;
  }

  private static Map<String, Object> bosFirst(String token, int id) {
    return map(
        "type", "TemplateProcessing",
        "single",
            List.of(
                map("SpecialToken", map("id", token, "type_id", 0)),
                map("Sequence", map("id", "A", "type_id", 0))),
        "special_tokens",
            map(token, map("id", token, "ids", List.of(id), "tokens", List.of(token))));
  }

  /** A tree as JSON; an element that is a {@link Raw} goes in as it is. */
  static String json(Object tree) {
    return switch (tree) {
      case null -> "null";
      case Raw raw -> raw.json();
      case String text -> quoted(text);
      case Map<?, ?> map -> {
        List<String> members = new ArrayList<>();
        map.forEach((key, value) -> members.add(quoted((String) key) + ":" + json(value)));
        yield "{" + String.join(",", members) + "}";
      }
      case List<?> list -> "[" + String.join(",", list.stream().map(Tiny::json).toList()) + "]";
      default -> tree.toString();
    };
  }

  /** JSON that no tree can hold. */
  record Raw(String json) {}

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      out.append(
          c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c)
              ? "\\u%04x".formatted((int) c)
              : c);
    }
    return out.append('"').toString();
  }
}
