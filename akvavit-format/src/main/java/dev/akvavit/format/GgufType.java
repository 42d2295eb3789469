package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every element type that GGUF files number, with the size of its blocks; those without a {@link
 * DType} are checked, not computed.
 */
enum GgufType {
  F32(0, 1, 4, DType.F32),
  F16(1, 1, 2, DType.F16),
  Q4_0(2, 32, 18, DType.Q4_0),
  Q4_1(3, 32, 20, DType.Q4_1),
  Q5_0(6, 32, 22, DType.Q5_0),
  Q5_1(7, 32, 24, DType.Q5_1),
  Q8_0(8, 32, 34, DType.Q8_0),
  Q8_1(9, 32, 36, null),
  Q2_K(10, 256, 84, DType.Q2_K),
  Q3_K(11, 256, 110, DType.Q3_K),
  Q4_K(12, 256, 144, DType.Q4_K),
  Q5_K(13, 256, 176, DType.Q5_K),
  Q6_K(14, 256, 210, DType.Q6_K),
  Q8_K(15, 256, 292, null),
  IQ2_XXS(16, 256, 66, null),
  IQ2_XS(17, 256, 74, null),
  IQ3_XXS(18, 256, 98, null),
  IQ1_S(19, 256, 50, null),
  IQ4_NL(20, 32, 18, DType.IQ4_NL),
  IQ3_S(21, 256, 110, null),
  IQ2_S(22, 256, 82, null),
  IQ4_XS(23, 256, 136, null),
  I8(24, 1, 1, null),
  I16(25, 1, 2, null),
  I32(26, 1, 4, DType.I32),
  I64(27, 1, 8, DType.I64),
  F64(28, 1, 8, null),
  IQ1_M(29, 256, 56, null),
  BF16(30, 1, 2, DType.BF16),
  TQ1_0(34, 256, 54, null),
  TQ2_0(35, 256, 66, null),
  MXFP4(39, 32, 17, DType.MXFP4);

  private static final GgufType[] BY_CODE = new GgufType[40];

  static {
    for (GgufType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  final int code;
  final int blockElements;
  private final int blockBytes;
  final @Nullable DType dtype;

  GgufType(int code, int blockElements, int blockBytes, @Nullable DType dtype) {
    this.code = code;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.dtype = dtype;
  }

  /** The type of this number, or null. */
  static @Nullable GgufType of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /**
   * The type that stores {@code dtype}.
   *
   * @throws IllegalArgumentException when GGUF has none
   */
  static GgufType of(DType dtype) {
    for (GgufType type : values()) {
      if (type.dtype == dtype) {
        return type;
      }
    }
    throw new IllegalArgumentException("GGUF has no type for " + dtype);
  }

  /**
   * Bytes of a whole number of blocks.
   *
   * @throws ArithmeticException when they do not fit in a {@code long}
   */
  long bytes(long elements) {
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  static String known() {
    return Arrays.stream(values())
        .map(type -> type.code + " " + type)
        .collect(Collectors.joining(", "));
  }
}
