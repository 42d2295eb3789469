package dev.akvavit.cpu;

/** What a product's inputs are rounded to, which is also how they are packed. */
enum Rounding {
  NONE,
  /** 8 bits, as {@link ByteInputs}. */
  BYTES,
  /** BF16, packed as F32 for loops that know no other. */
  NARROW,
  /** BF16, as {@link PairInputs}. */
  PAIRS,
  /** BF16, as {@link TileInputs}, or {@link PairInputs} where vectors are picked out. */
  TILES
}
