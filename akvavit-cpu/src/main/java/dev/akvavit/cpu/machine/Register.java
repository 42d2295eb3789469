package dev.akvavit.cpu.machine;

/** The general registers of x86-64, in the order of their encoding. */
enum Register {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  /** The three bits that stand in an operand byte. */
  int low() {
    return ordinal() & 7;
  }

  /** The fourth bit, which stands in a prefix. */
  int high() {
    return ordinal() >> 3;
  }
}
