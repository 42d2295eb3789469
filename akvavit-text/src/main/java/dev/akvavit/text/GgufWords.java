package dev.akvavit.text;

import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.split.Patterns;
import dev.akvavit.text.split.Splitter;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code tokenizer.ggml.pre} stands for: GGUF names a way to cut words instead of spelling its
 * pattern out. Each name is answered with the pattern of the {@code tokenizer.json} that it was
 * made from.
 *
 * @param ignoreMerges a word that is a token as it stands becomes that token
 */
record GgufWords(List<Rewrite> rewrites, List<Splitter> splitters, boolean ignoreMerges) {
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String QWEN2 = LLAMA3.replace("{1,3}", "");

  private static final String DEEPSEEK_V3 =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

  private static final String HAN = "[一-龥ࠀ-一가-퟿]+";

  /** Letters of alphabets with two cases. */
  private static final String CASED =
      ""
          + "\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷ"
          + "ᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄ"
          + "Ⰰ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+";

  private static final GgufWords GPT2 = plain(Patterns.GPT2);
  private static final GgufWords LLAMA = new GgufWords(List.of(), known(LLAMA3), true);
  private static final GgufWords LLAMA_MERGED = new GgufWords(List.of(), known(LLAMA3), false);
  private static final GgufWords QWEN =
      new GgufWords(List.of(new Rewrite.Unicode(Normalizer.Form.NFC)), known(QWEN2), false);
  private static final GgufWords STARCODER = plain(Patterns.EACH_DIGIT, Patterns.GPT2);
  private static final GgufWords V3 =
      new GgufWords(List.of(), known("\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK_V3), false);

  private static final Map<String, GgufWords> BY_NAME =
      Map.ofEntries(
          Map.entry("gpt-2", GPT2),
          Map.entry("llama-bpe", LLAMA),
          Map.entry("llama3", LLAMA),
          Map.entry("llama-v3", LLAMA),
          Map.entry("smaug-bpe", LLAMA_MERGED),
          Map.entry("dbrx", LLAMA_MERGED),
          Map.entry("qwen2", QWEN),
          Map.entry("deepseek-r1-qwen", QWEN),
          Map.entry("glm4", LLAMA_MERGED),
          Map.entry("chatglm-bpe", LLAMA_MERGED),
          Map.entry("starcoder", STARCODER),
          Map.entry("refact", STARCODER),
          Map.entry("smollm", STARCODER),
          Map.entry("deepseek-v3", V3),
          Map.entry("joyai-llm", V3),
          Map.entry(
              "deepseek-coder",
              new GgufWords(
                  List.of(), known("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", HAN, "\\p{N}"), false)),
          Map.entry(
              "deepseek-llm",
              new GgufWords(
                  List.of(),
                  known("[\r\n]", CASED, "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", HAN, "\\p{N}"),
                  false)));

  /** Names to write, the first of several that mean the same. */
  private static final List<String> WRITTEN =
      List.of(
          "llama-bpe",
          "qwen2",
          "gpt-2",
          "smaug-bpe",
          "starcoder",
          "deepseek-v3",
          "deepseek-coder",
          "deepseek-llm");

  private static GgufWords plain(Splitter... splitters) {
    return new GgufWords(List.of(), List.of(splitters), false);
  }

  private static List<Splitter> known(String... patterns) {
    return List.of(patterns).stream()
        .map(pattern -> Objects.requireNonNull(Patterns.known(pattern), pattern))
        .toList();
  }

  /**
   * The name under which a tokenizer's way to cut words is known, or null. Rewrites are not
   * compared: other readers of GGUF, llama.cpp among them, do not normalise at all.
   */
  static @Nullable String nameOf(TokenizerDefinition definition) {
    for (String name : WRITTEN) {
      GgufWords words = BY_NAME.get(name);
      if (words != null
          && words.splitters.equals(definition.splitters())
          && words.ignoreMerges == definition.ignoreMerges()) {
        return name;
      }
    }
    return null;
  }

  /**
   * The words of a name.
   *
   * @throws UnsupportedModelException for a name that is not known here
   */
  static GgufWords of(String name, String origin) {
    GgufWords words = BY_NAME.get(name);
    if (words == null) {
      throw new UnsupportedModelException(
          origin,
          "tokenizer.ggml.pre",
          name.isEmpty() ? "absent" : name,
          String.join(", ", BY_NAME.keySet().stream().sorted().toList()));
    }
    return words;
  }
}
