package dev.akvavit.cpu.machine;

/** Products of tiles (AMX), named as in Intel's manual. */
enum TileOp {
  /** BF16 pairs; sums are F32. */
  TDPBF16PS(2, 0x5C),
  /** Signed bytes in rows and in columns; sums are 32-bit integers. */
  TDPBSSD(3, 0x5E);

  /** Implied prefix, as in {@link VectorOp#prefix}. */
  final int prefix;

  final int opcode;

  TileOp(int prefix, int opcode) {
    this.prefix = prefix;
    this.opcode = opcode;
  }
}
