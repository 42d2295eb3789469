package dev.akvavit.plan;

import dev.akvavit.core.DType;
import java.util.Locale;

/** How weights are stored in files of a whole model. */
public enum WeightType {
  F32,
  BF16,
  /**
   * DeepSeek's release format: e4m3 with one F32 scale a block of 128 x 128, embedding and head in
   * BF16.
   */
  FP8;

  private static final long BLOCK = 128 * 128;

  /** Bytes of weights; of FP8 those that are no embedding. */
  public long bytes(long parameters) {
    return switch (this) {
      case F32 -> DType.F32.bytes(parameters);
      case BF16 -> DType.BF16.bytes(parameters);
      case FP8 -> parameters + DType.F32.bytes(Math.ceilDiv(parameters, BLOCK));
    };
  }

  /** FP8 is estimated: norms and routers, which stay wider, count as FP8. */
  Certainty certainty() {
    return this == FP8 ? Certainty.ESTIMATED : Certainty.EXACT;
  }

  Formula rule() {
    return this == FP8 ? Formula.WEIGHTS_FP8 : Formula.WEIGHTS_WIDE;
  }

  String formula() {
    return switch (this) {
      case F32 -> "4 B x parameters";
      case BF16 -> "2 B x parameters";
      case FP8 -> "(1 + 4 / 128 / 128) B x parameters";
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
