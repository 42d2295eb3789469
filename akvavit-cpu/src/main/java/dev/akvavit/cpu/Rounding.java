package dev.akvavit.cpu;

/** What a product's inputs are rounded to, which is also how they are packed. */
enum Rounding {
  NONE,
  /** 8 bits, as {@link ByteInputs}. */
  BYTES
}
