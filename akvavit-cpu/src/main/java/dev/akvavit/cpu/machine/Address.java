package dev.akvavit.cpu.machine;

import org.jspecify.annotations.Nullable;

/** A memory operand: {@code base + index * scale + displacement}. */
record Address(Register base, @Nullable Register index, int scale, int displacement) {
  Address {
    if (index == Register.RSP) {
      throw new IllegalArgumentException("RSP is no index");
    }
    if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
      throw new IllegalArgumentException("scale = " + scale + " must be 1, 2, 4 or 8");
    }
  }

  /** Of the longs that a routine is called with. */
  static Address argument(int place) {
    return at(Register.RDI, Long.BYTES * place);
  }

  static Address at(Register base, int displacement) {
    return new Address(base, null, 1, displacement);
  }

  static Address at(Register base, Register index, int scale, int displacement) {
    return new Address(base, index, scale, displacement);
  }
}
