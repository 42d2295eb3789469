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
  FP8,
  /** DeepSeek-V4's: routed experts in e2m1 with a byte of scale for each 32, the rest as FP8. */
  FP4;

  private static final long BLOCK = 128 * 128;

  /** How the embedding and the head of such a model are stored. */
  WeightType ofEmbedding() {
    return isNarrow() ? BF16 : this;
  }

  /** How weights that every token uses are stored. */
  WeightType ofDense() {
    return this == FP4 ? FP8 : this;
  }

  /** Whether no other type here makes a model much smaller without further loss. */
  boolean isNarrow() {
    return this == FP8 || this == FP4;
  }

  /** Bytes of weights that are all of this type. */
  public long bytes(long parameters) {
    return switch (this) {
      case F32 -> DType.F32.bytes(parameters);
      case BF16 -> DType.BF16.bytes(parameters);
      case FP8 -> parameters + DType.F32.bytes(Math.ceilDiv(parameters, BLOCK));
      case FP4 -> Math.ceilDiv(parameters, DType.MXFP4.blockElements()) * DType.MXFP4.blockBytes();
    };
  }

  /** Narrow types are estimated: norms and routers, which stay wider, count as FP8. */
  Certainty certainty() {
    return isNarrow() ? Certainty.ESTIMATED : Certainty.EXACT;
  }

  Formula rule() {
    return switch (this) {
      case F32, BF16 -> Formula.WEIGHTS_WIDE;
      case FP8 -> Formula.WEIGHTS_FP8;
      case FP4 -> Formula.WEIGHTS_FP4;
    };
  }

  String formula() {
    return switch (this) {
      case F32 -> "4 B x parameters";
      case BF16 -> "2 B x parameters";
      case FP8 -> "(1 + 4 / 128 / 128) B x parameters";
      case FP4 -> "17 / 32 B x parameters";
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
