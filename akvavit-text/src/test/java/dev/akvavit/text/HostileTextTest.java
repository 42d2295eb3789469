package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.text.split.Patterns;
import dev.akvavit.text.split.Pieces;
import dev.akvavit.text.split.Splitter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Texts made to take long take no longer than others: work is counted, the clock only catches a
 * hang.
 */
class HostileTextTest {
  private static final int MEGABYTE = 1 << 20;

  /** Twice the text may cost this many times the work: n log n and small texts' edges. */
  private static final double DOUBLING = 2.4;

  private static final Map<String, Function<Integer, String>> KINDS = kinds();

  private static Map<String, Function<Integer, String>> kinds() {
    Map<String, String> units = new LinkedHashMap<>();
    units.put("one letter", "a");
    units.put("one caret", "^");
    units.put("spaces", " ");
    units.put("line breaks", "\n");
    units.put("carriage returns", "\r");
    units.put("both line breaks", "\r\n");
    units.put("tabs", "\t");
    units.put("spaces and breaks", " \n");
    units.put("space and letter", " a");
    units.put("letter and space", "a ");
    units.put("zero width joiners", "👩\u200d");
    units.put("joiners alone", "\u200d");
    units.put("combining marks", "\u0301");
    units.put("marks out of order", "\u0315\u0316");
    units.put("letter and marks", "e\u0301\u0316\u0301");
    units.put("high surrogates", "\ud83d");
    units.put("low surrogates", "\ude00");
    units.put("surrogates reversed", "\ude00\ud83d");
    units.put("alternating scripts", "aжα中ע");
    units.put("Chinese", "中文");
    units.put("Thai", "ก็");
    units.put("Hangul jamo", "\u1100\u1161\u11a8");
    units.put("digits", "0");
    units.put("digits and letters", "0a");
    units.put("apostrophes", "'");
    units.put("contractions", "'s");
    units.put("long s", "'ſ");
    units.put("brackets", "[");
    units.put("half control tokens", "<|");
    units.put("control tokens", "<|eos|>");
    units.put("control tokens but for the end", "<|eos|");
    units.put("lower one eighth blocks", "▁");
    units.put("ideographic spaces", "\u3000");
    units.put("no-break spaces", "\u00a0");
    units.put("line separators", "\u2028");
    units.put("nulls", "\0");
    units.put("flags", "🇩🇪");
    units.put("Hangul", "가");
    units.put("punctuation and breaks", "!\n");
    Map<String, Function<Integer, String>> kinds = new LinkedHashMap<>();
    units.forEach((name, unit) -> kinds.put(name, n -> unit.repeat(n / unit.length())));
    kinds.put("spaces, then a letter", n -> " ".repeat(n - 1) + "a");
    kinds.put("a word, then spaces", n -> "word" + " ".repeat(n - 4));
    kinds.put("random", n -> RandomText.of(new Random(1), 2 * n));
    return kinds;
  }

  private static Map<String, Tokenizer> tokenizers() {
    Map<String, Object> nfc = Tiny.byteLevel("\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", Tiny.DEEPSEEK_V3);
    nfc.put("normalizer", Tiny.map("type", "NFC"));
    return Map.of(
        "GPT-2", Tiny.open(Tiny.byteLevel()),
        "Llama 3", Tiny.open(Tiny.byteLevel(Tiny.LLAMA3)),
        "DeepSeek-V3 with NFC", Tiny.open(nfc),
        "one word", Tiny.open(Tiny.byteLevel("[一]")),
        "SentencePiece", Tiny.open(Tiny.sentencePiece()));
  }

  @Test
  void aMegabyteOfAnything() {
    assertThat(KINDS).hasSizeGreaterThanOrEqualTo(40);
    long worst = 0;
    String slowest = "";
    for (Map.Entry<String, Tokenizer> tokenizer : tokenizers().entrySet()) {
      for (Map.Entry<String, Function<Integer, String>> kind : KINDS.entrySet()) {
        String text = kind.getValue().apply(MEGABYTE);
        long start = System.nanoTime();
        int tokens = tokenizer.getValue().encode(Prompt.template(text)).length;
        long took = System.nanoTime() - start;
        assertThat(tokens).isPositive();
        if (took > worst) {
          worst = took;
          slowest = kind.getKey() + " under " + tokenizer.getKey();
        }
        assertThat(Duration.ofNanos(took))
            .as("hang detector: %s under %s", kind.getKey(), tokenizer.getKey())
            .isLessThan(Duration.ofSeconds(20));
      }
    }
    System.out.printf("slowest megabyte: %s, %.2f s%n", slowest, worst / 1e9);
  }

  @Test
  void mergingGrowsAsTheTextDoes() {
    Tokenizer oneWord = Tiny.open(Tiny.byteLevel("[一]"));
    for (Map.Entry<String, Function<Integer, String>> kind : KINDS.entrySet()) {
      long half = work(oneWord, kind.getValue().apply(1 << 16));
      long full = work(oneWord, kind.getValue().apply(1 << 17));
      assertThat(full)
          .as("%s: %d, then %d", kind.getKey(), half, full)
          .isLessThanOrEqualTo((long) (half * DOUBLING) + 100);
    }
  }

  private static long work(Tokenizer tokenizer, String text) {
    return tokenizer.append(Prompt.content(text), new IntList());
  }

  @Test
  void splittingGrowsAsTheTextDoes() {
    List<List<String>> families =
        List.of(
            List.of(
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
            List.of(Tiny.LLAMA3),
            List.of("\\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", Tiny.DEEPSEEK_V3),
            List.of("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "\\s+$", "\\p{N}"));
    for (List<String> family : families) {
      for (Map.Entry<String, Function<Integer, String>> kind : KINDS.entrySet()) {
        long half = looks(family, kind.getValue().apply(1 << 14));
        long full = looks(family, kind.getValue().apply(1 << 15));
        assertThat(full)
            .as("%s: %d, then %d", kind.getKey(), half, full)
            .isLessThanOrEqualTo((long) (half * DOUBLING) + 100);
        assertThat(full).as(kind.getKey()).isLessThan(16L * family.size() << 15);
      }
    }
  }

  /** How often the splitters look at a character. */
  private static long looks(List<String> patterns, String text) {
    Counted counted = new Counted(text, new long[1]);
    Pieces pieces = Pieces.whole(text.length());
    for (String pattern : patterns) {
      Splitter splitter = Patterns.known(pattern);
      pieces = pieces.refine(counted, splitter);
    }
    assertThat(String.join("", pieces.texts(text))).isEqualTo(text);
    return counted.looks()[0];
  }

  private record Counted(String text, long[] looks) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int at) {
      looks[0]++;
      return text.charAt(at);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return text.subSequence(from, to);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The promise by which a server refuses a text before it is tokenized. */
  @Test
  void aTextHasAtLeastItsBytesOverTheLongestToken() {
    for (Map.Entry<String, Tokenizer> tokenizer : tokenizers().entrySet()) {
      if (tokenizer.getKey().contains("NFC")) {
        continue; // which shortens the text before it is cut into tokens
      }
      for (Function<Integer, String> kind : KINDS.values()) {
        String text = kind.apply(5000);
        long tokens = tokenizer.getValue().encode(Prompt.template(text)).length;
        assertThat(tokens * tokenizer.getValue().longestTokenBytes())
            .isGreaterThanOrEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
      }
    }
  }
}
