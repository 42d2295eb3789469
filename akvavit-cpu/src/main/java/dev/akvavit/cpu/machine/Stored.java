package dev.akvavit.cpu.machine;

/** How the weights lie in memory that a routine decodes on the way. */
public enum Stored {
  F32(4),
  BF16(2),
  F16(2),
  /** With a factor for every so many columns. */
  F8(1),
  /** Blocks of a binary16 factor and 32 signed bytes. */
  Q8(34),
  /** Blocks of a binary16 factor and 16 bytes: low nibbles, then high ones, each 8 too large. */
  Q4(18),
  /** BF16 met by vectors that are BF16 too; two columns a lane. */
  PAIRS(2);

  /** Elements of a block. */
  static final int BLOCK = 32;

  /** Of an element, or of a block where elements share a factor. */
  final int bytes;

  Stored(int bytes) {
    this.bytes = bytes;
  }

  boolean quantised() {
    return this == Q8 || this == Q4;
  }

  /** Columns that a register of weights meets at once. */
  int columns() {
    return this == PAIRS ? 32 : 16;
  }

  /** Of an element of the vectors. */
  int vectorBytes() {
    return this == PAIRS ? Short.BYTES : Float.BYTES;
  }

  /**
   * Emits the load of {@link #columns} elements as F32, for {@link #F8} as the words before
   * conversion, for {@link #PAIRS} as they are.
   *
   * @param mask the mask register of those to read, others being zero; 0 for all
   */
  void load(Assembler a, int to, Address from, int mask) {
    switch (this) {
      case F32 -> a.load(VectorOp.VMOVUPS, to, from, mask);
      case BF16 -> {
        a.load(VectorOp.VPMOVZXWD, to, from, mask);
        a.shift(VectorOp.VPSLLD, to, to, 16);
      }
      case F16 -> a.load(VectorOp.VCVTPH2PS, to, from, mask);
      case F8 -> a.load(VectorOp.VPMOVSXBW_YMM, to, from, mask);
      case PAIRS -> a.load(mask == 0 ? VectorOp.VMOVUPS : VectorOp.VMOVDQU16, to, from, mask);
      case Q8, Q4 -> throw new IllegalArgumentException(this + " is loaded by blocks");
    }
  }
}
