package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every element type that safetensors names, with its width; those without a {@link DType} are
 * checked, not computed.
 */
enum StoredType {
  F32(32, DType.F32),
  F16(16, DType.F16),
  BF16(16, DType.BF16),
  F8_E4M3(8, DType.F8_E4M3),
  I32(32, DType.I32),
  I64(64, DType.I64),
  F64(64, null),
  F8_E5M2(8, null),
  F8_E8M0(8, null),
  F6_E2M3(6, null),
  F6_E3M2(6, null),
  F4(4, null),
  C64(64, null),
  U64(64, null),
  U32(32, null),
  I16(16, null),
  U16(16, null),
  I8(8, null),
  U8(8, null),
  BOOL(8, null);

  private final int bits;
  private final @Nullable DType dtype;

  StoredType(int bits, @Nullable DType dtype) {
    this.bits = bits;
    this.dtype = dtype;
  }

  /** What the rest of the house calls it; null when no kernel reads it. */
  @Nullable DType dtype() {
    return dtype;
  }

  /** The type of this name, or null. */
  static @Nullable StoredType named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /**
   * Bytes of {@code elements} values.
   *
   * @throws ArithmeticException when they do not fit in a {@code long} or are no whole number of
   *     bytes
   */
  long bytes(long elements) {
    long total = Math.multiplyExact(elements, (long) bits);
    if (total % 8 != 0) {
      throw new ArithmeticException(elements + " elements of " + bits + " bits");
    }
    return total / 8;
  }

  static String known() {
    return Arrays.stream(values()).map(StoredType::name).collect(Collectors.joining(", "));
  }
}
