package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Broken tokenizer files: each opens or is refused by an exception that names the field, within
 * bounded memory.
 */
class MalformedTokenizerFuzz {
  private static final int SEEDS = Integer.getInteger("akvavit.fuzz.seeds", 1000);

  /** Twenty times what the whole file takes as a tree. */
  private static final long MEMORY = 64 << 20;

  /** Breaks a tree; what it returns stands for the file. */
  private interface Breakage {
    Object apply(Map<String, Object> root, Random random);
  }

  /** Breaks a tree in place. */
  private interface Change {
    void apply(Map<String, Object> root, Random random);
  }

  private final Map<String, Breakage> kinds = new LinkedHashMap<>();

  private void kind(String name, Change change) {
    kinds.put(
        name,
        (root, random) -> {
          change.apply(root, random);
          return root;
        });
  }

  private static Map<String, Object> model(Map<String, Object> root) {
    return Tiny.at(root, "model");
  }

  private static Map<String, Object> vocabulary(Map<String, Object> root) {
    return Tiny.at(model(root), "vocab");
  }

  @SuppressWarnings("unchecked")
  private static List<Object> merges(Map<String, Object> root) {
    return (List<Object>) model(root).get("merges");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> added(Map<String, Object> root, Random random) {
    List<Object> tokens = (List<Object>) root.get("added_tokens");
    return (Map<String, Object>) tokens.get(random.nextInt(tokens.size()));
  }

  private static String anyToken(Map<String, Object> root, Random random) {
    return new ArrayList<>(vocabulary(root).keySet()).get(random.nextInt(vocabulary(root).size()));
  }

  MalformedTokenizerFuzz() {
    kind("negative id", (root, r) -> vocabulary(root).put(anyToken(root, r), -1 - r.nextInt(1000)));
    kind(
        "huge id",
        (root, r) -> vocabulary(root).put(anyToken(root, r), 10_000L + r.nextLong(1L << 40)));
    kind(
        "two tokens of one id",
        (root, r) -> vocabulary(root).put("new" + r.nextInt(), r.nextInt(vocabulary(root).size())));
    kind("id as text", (root, r) -> vocabulary(root).put(anyToken(root, r), "7"));
    kind("id as fraction", (root, r) -> vocabulary(root).put(anyToken(root, r), r.nextDouble()));
    kind("no vocabulary", (root, r) -> model(root).remove("vocab"));
    kind("vocabulary as list", (root, r) -> model(root).put("vocab", List.of("a", 1)));
    kind("empty vocabulary", (root, r) -> vocabulary(root).clear());
    kind(
        "a byte is missing",
        (root, r) ->
            vocabulary(root).remove(String.valueOf(ByteAlphabet.character(r.nextInt(256)))));
    kind("merge of unknown tokens", (root, r) -> merges(root).add("zq" + r.nextInt() + " b"));
    kind("merge into an unknown token", (root, r) -> merges(root).add("^ ~"));
    kind("merge of three", (root, r) -> merges(root).add("a b c"));
    kind("merge of one", (root, r) -> merges(root).add(r.nextBoolean() ? "aa" : " a"));
    kind("merge list of three", (root, r) -> merges(root).add(List.of("a", "b", "c")));
    kind(
        "merge as number",
        (root, r) -> merges(root).set(r.nextInt(merges(root).size()), r.nextInt()));
    kind(
        "merge twice",
        (root, r) -> merges(root).add(merges(root).get(r.nextInt(merges(root).size()))));
    kind("merges as object", (root, r) -> model(root).put("merges", Map.of("a", "b")));
    kind("added token on a taken id", (root, r) -> added(root, r).put("id", r.nextInt(256)));
    kind(
        "added token with another id than the vocabulary's",
        (root, r) -> added(root, r).put("content", anyToken(root, r)));
    kind(
        "added token of a huge id",
        (root, r) -> added(root, r).put("id", 10_000 + r.nextInt(Integer.MAX_VALUE - 10_000)));
    kind("added token without id", (root, r) -> added(root, r).remove("id"));
    kind(
        "added token without text",
        (root, r) -> added(root, r).put("content", r.nextBoolean() ? "" : null));
    kind(
        "added token of a page",
        (root, r) -> added(root, r).put("content", "x".repeat(513 + r.nextInt(1000))));
    kind("added token as number", (root, r) -> added(root, r).put("content", r.nextInt()));
    kind(
        "flag as text",
        (root, r) ->
            added(root, r)
                .put(
                    List.of("special", "lstrip", "rstrip", "single_word").get(r.nextInt(4)),
                    "yes"));
    kind(
        "unknown pre-tokenizer",
        (root, r) -> root.put("pre_tokenizer", Tiny.map("type", "Bert" + r.nextInt())));
    kind(
        "unknown pattern",
        (root, r) -> root.put("pre_tokenizer", split("(\\w+\\s?){" + r.nextInt(9) + "}")));
    kind(
        "pattern that explodes",
        (root, r) -> root.put("pre_tokenizer", split("(a|a)*".repeat(1 + r.nextInt(20)) + "$")));
    kind(
        "pattern that is not text",
        (root, r) ->
            root.put(
                "pre_tokenizer",
                Tiny.map(
                    "type",
                    "Split",
                    "behavior",
                    "Isolated",
                    "pattern",
                    Map.of("Regex", r.nextInt()))));
    kind(
        "other behaviour",
        (root, r) ->
            root.put(
                "pre_tokenizer",
                Tiny.map(
                    "type",
                    "Split",
                    "behavior",
                    "Removed",
                    "pattern",
                    Map.of("Regex", Tiny.LLAMA3))));
    kind(
        "unknown normalizer",
        (root, r) ->
            root.put(
                "normalizer",
                Tiny.map(
                    "type",
                    List.of("Lowercase", "BertNormalizer", "Precompiled", "", "x")
                        .get(r.nextInt(5)))));
    kind(
        "replacement that blows up",
        (root, r) ->
            root.put(
                "normalizer",
                Tiny.map(
                    "type",
                    "Replace",
                    "pattern",
                    Map.of("String", "a"),
                    "content",
                    "b".repeat(17 + r.nextInt(5000)))));
    kind(
        "replacement of nothing",
        (root, r) ->
            root.put(
                "normalizer",
                Tiny.map("type", "Replace", "pattern", Map.of("String", ""), "content", "b")));
    kind(
        "unknown decoder",
        (root, r) ->
            root.put(
                "decoder",
                Tiny.map("type", List.of("WordPiece", "CTC", "BPEDecoder").get(r.nextInt(3)))));
    kind("no decoder", (root, r) -> root.put("decoder", null));
    kind(
        "other model",
        (root, r) ->
            model(root)
                .put(
                    "type",
                    List.of("Unigram", "WordPiece", "WordLevel", "bpe", "").get(r.nextInt(5))));
    kind("dropout", (root, r) -> model(root).put("dropout", r.nextDouble()));
    kind(
        "subword prefix",
        (root, r) ->
            model(root)
                .put(r.nextBoolean() ? "continuing_subword_prefix" : "end_of_word_suffix", "##"));
    kind(
        "unknown post-processor",
        (root, r) -> root.put("post_processor", Tiny.map("type", "RobertaProcessing")));
    kind(
        "post-processor with an id that is no token",
        (root, r) ->
            root.put(
                "post_processor",
                Tiny.map(
                    "type",
                    "TemplateProcessing",
                    "single",
                    List.of(Tiny.map("SpecialToken", Tiny.map("id", "x"))),
                    "special_tokens",
                    Tiny.map(
                        "x",
                        Tiny.map(
                            "ids",
                            List.of(
                                r.nextBoolean()
                                    ? -r.nextInt(9) - 1
                                    : 5000 + r.nextInt(1 << 30)))))));
    kinds.put("nesting", (root, r) -> new Tiny.Raw("[".repeat(65 + r.nextInt(5000))));
    kinds.put(
        "cut short",
        (root, r) ->
            new Tiny.Raw(Tiny.json(root).substring(0, r.nextInt(Tiny.json(root).length()))));
    kinds.put("one character changed", MalformedTokenizerFuzz::flipped);
    kinds.put(
        "key twice", (root, r) -> new Tiny.Raw("{\"model\": {}, " + Tiny.json(root).substring(1)));
    kinds.put(
        "more behind",
        (root, r) ->
            new Tiny.Raw(Tiny.json(root) + List.of("{}", "1", "x", "]").get(r.nextInt(4))));
    kinds.put("no object", (root, r) -> List.of("text", 1, List.of(), true).get(r.nextInt(4)));
    kind("any value replaced", (root, r) -> replaceSomewhere(root, r, false));
    kind("any value removed", (root, r) -> replaceSomewhere(root, r, true));
  }

  private static Map<String, Object> split(String pattern) {
    return Tiny.map("type", "Split", "behavior", "Isolated", "pattern", Map.of("Regex", pattern));
  }

  private static Object flipped(Map<String, Object> root, Random random) {
    StringBuilder json = new StringBuilder(Tiny.json(root));
    json.setCharAt(random.nextInt(json.length()), (char) random.nextInt(128));
    return new Tiny.Raw(json.toString());
  }

  @SuppressWarnings("unchecked")
  private static void replaceSomewhere(Object node, Random random, boolean remove) {
    if (node instanceof Map<?, ?> map && !map.isEmpty()) {
      Object key = new ArrayList<>(map.keySet()).get(random.nextInt(map.size()));
      Object child = map.get(key);
      if (child instanceof Map<?, ?> || child instanceof List<?> && random.nextInt(4) > 0) {
        replaceSomewhere(child, random, remove);
      } else if (remove) {
        map.remove(key);
      } else {
        ((Map<Object, Object>) map).put(key, anything(random));
      }
    } else if (node instanceof ArrayList<?> list && !list.isEmpty()) {
      int at = random.nextInt(list.size());
      if (remove) {
        list.remove(at);
      } else {
        ((List<Object>) list).set(at, anything(random));
      }
    }
  }

  private static Object anything(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> null;
      case 1 -> random.nextLong();
      case 2 -> random.nextDouble();
      case 3 -> List.of();
      case 4 -> Map.of();
      case 5 -> List.of(List.of("x"));
      case 6 -> random.nextBoolean();
      case 7 -> RandomText.of(random, 12);
      default -> new Tiny.Raw("9".repeat(1 + random.nextInt(80)));
    };
  }

  @Test
  void opensOrNamesTheField() {
    assertThat(kinds).hasSizeGreaterThanOrEqualTo(40);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Integer> refusals = new LinkedHashMap<>();
    for (Map.Entry<String, Breakage> kind : kinds.entrySet()) {
      refusals.put(kind.getKey(), 0);
      for (int seed = 0; seed < SEEDS; seed++) {
        Random random = new Random(seed);
        boolean sentencePiece = seed % 2 == 1;
        Map<String, Object> root =
            sentencePiece ? Tiny.sentencePiece() : Tiny.byteLevel(Tiny.LLAMA3);
        byte[] file =
            Tiny.json(kind.getValue().apply(root, random)).getBytes(StandardCharsets.UTF_8);
        long before = threads.getCurrentThreadAllocatedBytes();
        if (refused(file, kind.getKey(), seed)) {
          refusals.merge(kind.getKey(), 1, Integer::sum);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
            .as("memory: %s, seed %d", kind.getKey(), seed)
            .isLessThan(MEMORY);
      }
    }
    assertThat(refusals).allSatisfy((kind, count) -> assertThat(count).as(kind).isPositive());
  }

  private static boolean refused(byte[] file, String kind, int seed) {
    try {
      JsonValue root = JsonFile.parse("tokenizer.json", file, Limits.DEFAULT);
      JsonValue config = Tiny.parse("tokenizer_config.json", Map.of());
      Tokenizer tokenizer = new Tokenizer(TokenizerJson.read(root, config));
      tokenizer.decode(tokenizer.encode("Hello <|bos|> aaaa 中文 12345\n\n  x", true), true);
      return false;
    } catch (MalformedFileException e) {
      assertThat(e.field()).as("%s, seed %d", kind, seed).isNotBlank();
      assertThat(e).hasMessageContaining("tokenizer.json: ").hasMessageContaining("allowed: ");
      return true;
    } catch (UnsupportedModelException e) {
      assertThat(e)
          .as("%s, seed %d", kind, seed)
          .hasMessageContaining("tokenizer.json: ")
          .hasMessageContaining("supported: ");
      return true;
    } catch (RuntimeException | StackOverflowError e) {
      return fail(kind + ", seed " + seed + ": " + e, e);
    }
  }
}
