package dev.akvavit.text.split;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The published patterns, each known by its exact text, and what is scanned in its place.
 *
 * <p>Sources: the {@code tokenizer.json} of Llama 3, Qwen 2, 2.5 and 3, GLM-4, DeepSeek-LLM, -Coder
 * and -V3, and GPT-2's {@code encoder.py}.
 */
public final class Patterns {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String WORDS_AND_SPACES =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LETTERS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";

  /** GPT-2's pattern, which Hugging Face's {@code ByteLevel} uses when {@code use_regex} is set. */
  public static final Splitter GPT2 = new Gpt2Words();

  /** {@code Digits} with {@code individual_digits}: each number alone. */
  public static final Splitter EACH_DIGIT = new Run(CodePoints::number, false, 1);

  /** {@code Digits} without: runs of numbers. */
  public static final Splitter DIGIT_RUNS = new Run(CodePoints::number, false, Integer.MAX_VALUE);

  private static final Map<String, Splitter> KNOWN =
      Map.ofEntries(
          Map.entry(
              "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
              GPT2),
          Map.entry(CONTRACTIONS + LETTERS + "\\p{N}{1,3}" + WORDS_AND_SPACES, new Llama3Words(3)),
          Map.entry(CONTRACTIONS + LETTERS + "\\p{N}" + WORDS_AND_SPACES, new Llama3Words(1)),
          Map.entry("\\p{N}{1,3}", new Run(CodePoints::number, false, 3)),
          Map.entry("\\p{N}", EACH_DIGIT),
          Map.entry("\\p{N}+", DIGIT_RUNS),
          Map.entry("\\s?\\p{L}+", new Run(CodePoints::letter, true, Integer.MAX_VALUE)),
          Map.entry("\\s?\\p{P}+", new Run(CodePoints::punctuation, true, Integer.MAX_VALUE)),
          Map.entry("\\s+$", new TrailingSpaces()),
          Map.entry(
              "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                  + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                  + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
              new DeepSeekV3Words()));

  private Patterns() {}

  /**
   * The splitter of a published pattern, or of a run of explicit ranges ({@code \s?[A-Za-z]+}, in
   * DeepSeek's files); null for any other.
   */
  public static @Nullable Splitter known(String pattern) {
    Splitter published = KNOWN.get(pattern);
    return published != null ? published : Run.parse(pattern);
  }

  /** A pattern that {@link #known} answers with this splitter; null where there is none. */
  public static @Nullable String spelling(Splitter splitter) {
    for (Map.Entry<String, Splitter> published : KNOWN.entrySet()) {
      if (published.getValue().equals(splitter)) {
        return published.getKey();
      }
    }
    return splitter instanceof Run run ? run.spelling() : null;
  }

  /** What is known, for messages. */
  public static String names() {
    return "the published patterns of GPT-2, Llama 3, GLM-4, Qwen 2 to 3 and DeepSeek";
  }
}
