package dev.akvavit.cpu;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.PanelCall;
import java.util.List;

/**
 * The one place that decides how the inputs of a product are rounded: by what was asked for, what
 * this machine does fast, and the type of the weights.
 *
 * @param fastBytes whether this machine multiplies bytes fast
 * @param narrow how inputs are rounded to BF16 here
 */
record RoundingRule(ActivationPrecision asked, boolean fastBytes, Rounding narrow) {

  /**
   * Whether attention rounds queries and weights to BF16, where the cache is BF16 itself and this
   * machine gains by it.
   */
  boolean roundsAttention() {
    return asked == ActivationPrecision.BF16 || asked == ActivationPrecision.AUTO;
  }

  Rounding of(Weight w) {
    if (asked == ActivationPrecision.BF16 && w.dtype() == DType.BF16) {
      return w.transposed() ? Rounding.NARROW : narrow;
    }
    return takesBytes(w.dtype()) && !w.transposed() ? Rounding.BYTES : Rounding.NONE;
  }

  /** Whether inputs of products with matrices of a type become bytes. */
  boolean takesBytes(DType type) {
    boolean bytes =
        switch (asked) {
          case AUTO -> fastBytes && PanelCall.decodes(type);
          case F32 -> false;
          case BF16, INT8 -> true;
        };
    return bytes && type.quantised();
  }

  /** For matrices that share their inputs: none, unless all agree. */
  Rounding of(List<Weight> some, List<Weight> more) {
    Rounding common = of(some.getFirst());
    return allAre(common, some) && allAre(common, more) ? common : Rounding.NONE;
  }

  /** For people. */
  String description() {
    boolean auto = asked == ActivationPrecision.AUTO;
    if (asked == ActivationPrecision.F32 || auto && !fastBytes) {
      return "inputs of products are not rounded";
    }
    return "inputs of products with quantised weights are rounded to 8 bits"
        + (asked == ActivationPrecision.BF16 ? ", with BF16 weights to BF16 " + narrow.words : "")
        + (fastBytes ? "" : ", by loops that are slower than those without rounding");
  }

  private boolean allAre(Rounding rounding, List<Weight> weights) {
    for (int i = 0; i < weights.size(); i++) { // an iterator would be garbage in every step
      if (of(weights.get(i)) != rounding) {
        return false;
      }
    }
    return true;
  }
}
