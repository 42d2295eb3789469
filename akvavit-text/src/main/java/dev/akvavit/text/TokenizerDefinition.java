package dev.akvavit.text;

import dev.akvavit.text.split.Splitter;
import java.util.List;
import java.util.Map;

/**
 * All that defines a tokenizer, whatever file it came from.
 *
 * @param origin the file, for messages
 * @param vocabulary token spelling to id; ids are unique
 * @param merges best first
 * @param symbols what merging starts from
 * @param ignoreMerges a word that is a token as it stands becomes that token, whatever the merges
 *     say
 * @param added tokens found by their spelling before anything else
 * @param rewrites changes to the text, in order
 * @param splitters cuts into words, each refining the one before
 * @param dropLeadingSpace whether decoded text loses the space that encoding put in front
 * @param roles the tokens with a meaning of their own
 */
public record TokenizerDefinition(
    String origin,
    Map<String, Integer> vocabulary,
    List<Merge> merges,
    Symbols symbols,
    boolean ignoreMerges,
    List<AddedToken> added,
    List<Rewrite> rewrites,
    List<Splitter> splitters,
    boolean dropLeadingSpace,
    Roles roles) {
  /** The id that stands for "no such token". */
  public static final int NONE = -1;

  /**
   * Tokens with a meaning of their own; {@link #NONE} for one the model lacks.
   *
   * @param before ids put before a document
   * @param after ids put after it
   */
  public record Roles(int bos, int eos, int pad, List<Integer> before, List<Integer> after) {}
}
