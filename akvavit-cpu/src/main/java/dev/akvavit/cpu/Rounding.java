package dev.akvavit.cpu;

/** What a product's inputs are rounded to, which is also how they are packed. */
enum Rounding {
  NONE("as they are"),
  /** 8 bits, as {@link ByteInputs}. */
  BYTES("as bytes"),
  /** BF16, packed as F32 for loops that know no other. */
  NARROW("by the loops for F32"),
  /** BF16, as {@link PairInputs}. */
  PAIRS("in pairs"),
  /** BF16, as {@link TileInputs}, or {@link PairInputs} where vectors are picked out. */
  TILES("on tiles"),
  /** BF16, as {@link RowInputs}; quantised weights are decoded to BF16 too. */
  DECODED("on tiles, and so are the weights");

  /** How products multiply them. */
  final String words;

  Rounding(String words) {
    this.words = words;
  }
}
