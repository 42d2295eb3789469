package dev.akvavit.text;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens by which a model fills in the middle, found by their published spellings.
 *
 * <p>Every family we know writes prefix, suffix, middle: {@code begin prefix hole suffix end}, and
 * the model goes on with the middle. Sources: the model cards of StarCoder, Code Llama (Rozière et
 * al. 2023, section 2.3), Qwen2.5-Coder, DeepSeek-Coder and our own model.
 *
 * @param begin stands before the text in front of the gap
 * @param hole stands between it and the text behind the gap
 * @param end stands last; the middle follows
 * @param stops ids that end the middle
 */
public record FimTokens(int begin, int hole, int end, List<Integer> stops) {
  /** One family's spelling; {@code stops} beyond the end token, where the vocabulary has them. */
  private record Spelling(String begin, String hole, String end, List<String> stops) {}

  private static final List<Spelling> PUBLISHED =
      List.of(
          new Spelling("<|fim_begin|>", "<|fim_hole|>", "<|fim_end|>", List.of("<|file_sep|>")),
          new Spelling("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", List.of()),
          new Spelling(
              "<|fim_prefix|>",
              "<|fim_suffix|>",
              "<|fim_middle|>",
              List.of("<|endoftext|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>")),
          new Spelling(
              "<fim_prefix>",
              "<fim_suffix>",
              "<fim_middle>",
              List.of("<|endoftext|>", "<file_sep>")),
          new Spelling("<fim-prefix>", "<fim-suffix>", "<fim-middle>", List.of("<|endoftext|>")),
          new Spelling("▁<PRE>", "▁<SUF>", "▁<MID>", List.of("▁<EOT>")));

  public FimTokens {
    stops = List.copyOf(stops);
  }

  /** The tokens of a vocabulary that fills in the middle, or null. */
  public static @Nullable FimTokens of(Tokenizer tokenizer) {
    for (Spelling spelling : PUBLISHED) {
      int begin = tokenizer.id(spelling.begin());
      int hole = tokenizer.id(spelling.hole());
      int end = tokenizer.id(spelling.end());
      if (begin >= 0 && hole >= 0 && end >= 0) {
        return new FimTokens(begin, hole, end, stops(tokenizer, spelling));
      }
    }
    return null;
  }

  private static List<Integer> stops(Tokenizer tokenizer, Spelling spelling) {
    List<Integer> stops = new ArrayList<>();
    if (tokenizer.eos() >= 0) {
      stops.add(tokenizer.eos());
    }
    for (String stop : spelling.stops()) {
      int id = tokenizer.id(stop);
      if (id >= 0 && !stops.contains(id)) {
        stops.add(id);
      }
    }
    return stops;
  }

  /**
   * The ids to go on from, both texts taken as content; begins as every document of this model
   * does.
   */
  public int[] encode(Tokenizer tokenizer, String prefix, String suffix) {
    return tokenizer.fillIn(this, prefix, suffix);
  }
}
