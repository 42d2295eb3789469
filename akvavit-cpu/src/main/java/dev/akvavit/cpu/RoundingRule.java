package dev.akvavit.cpu;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.PanelCall;
import java.util.List;
import java.util.StringJoiner;

/**
 * The one place that decides how the inputs of a product are rounded: by what was asked for, what
 * this machine does fast, the type of the weights, and whether the token belongs to a prompt.
 *
 * @param fastBytes whether this machine multiplies bytes fast
 * @param fastPairs whether it multiplies BF16 numbers faster than F32
 * @param narrow how inputs are rounded to BF16 here
 * @param prompts what takes the place of bytes in prompts where nothing was asked for; {@link
 *     Rounding#BYTES} where nothing does
 */
record RoundingRule(
    ActivationPrecision asked,
    boolean fastBytes,
    boolean fastPairs,
    Rounding narrow,
    Rounding prompts) {

  /**
   * Whether attention rounds queries and weights to BF16, where the cache is BF16 itself and this
   * machine gains by it.
   */
  boolean roundsAttention() {
    return asked == ActivationPrecision.BF16 || asked == ActivationPrecision.AUTO;
  }

  /**
   * @param prompt whether the inputs' tokens belong to prompts
   */
  Rounding of(Weight w, boolean prompt) {
    Rounding usual = ofGenerated(w);
    boolean apart = prompt && usual == Rounding.BYTES && roundsPromptsApart(w.dtype());
    return apart ? prompts : usual;
  }

  private Rounding ofGenerated(Weight w) {
    if (w.dtype() == DType.BF16) {
      if (w.transposed()) { // read by the loops for F32, which gain nothing
        return asked == ActivationPrecision.BF16 ? Rounding.NARROW : Rounding.NONE;
      }
      return takesPairs() ? narrow : Rounding.NONE;
    }
    return takesBytes(w.dtype()) && !w.transposed() ? Rounding.BYTES : Rounding.NONE;
  }

  /** Whether prompts are rounded otherwise than generated tokens, before matrices of a type. */
  boolean roundsPromptsApart(DType type) {
    return asked == ActivationPrecision.AUTO && prompts != Rounding.BYTES && takesBytes(type);
  }

  /** Whether inputs of products with matrices of a type become bytes, at least of one token. */
  boolean takesBytes(DType type) {
    boolean bytes =
        switch (asked) {
          case AUTO -> fastBytes && PanelCall.decodes(type);
          case F32 -> false;
          case BF16, INT8 -> true;
        };
    return bytes && type.quantised();
  }

  /** Whether inputs of products with BF16 matrices become BF16. */
  private boolean takesPairs() {
    return asked == ActivationPrecision.BF16 || asked == ActivationPrecision.AUTO && fastPairs;
  }

  /** For matrices that share their inputs: none, unless all agree. */
  Rounding of(List<Weight> some, List<Weight> more, boolean prompt) {
    Rounding common = of(some.getFirst(), prompt);
    return allAre(common, some, prompt) && allAre(common, more, prompt) ? common : Rounding.NONE;
  }

  /** For people. */
  String description() {
    boolean bytes =
        asked != ActivationPrecision.F32 && (fastBytes || asked != ActivationPrecision.AUTO);
    StringJoiner all = new StringJoiner(", ", "inputs of products are rounded: ", "");
    all.setEmptyValue("inputs of products are not rounded");
    if (bytes) {
      all.add("with quantised weights to 8 bits" + (fastBytes ? "" : " (slower than no rounding)"));
    }
    if (bytes && asked == ActivationPrecision.AUTO && prompts != Rounding.BYTES) {
      all.add("those of prompts to BF16 " + prompts.words);
    }
    if (takesPairs()) {
      all.add("with BF16 weights to BF16 " + narrow.words);
    }
    return all.toString();
  }

  private boolean allAre(Rounding rounding, List<Weight> weights, boolean prompt) {
    for (int i = 0; i < weights.size(); i++) { // an iterator would be garbage in every step
      if (of(weights.get(i), prompt) != rounding) {
        return false;
      }
    }
    return true;
  }
}
