package dev.akvavit.cpu.machine;

/**
 * Emits the exchange of rows and columns of 16 x 16 words of 32 bits, held in sixteen registers.
 */
final class Transposition {
  private static final int FREE = 16; // and three more

  private Transposition() {}

  /** Registers 0 to 15 hold rows before and columns after; 16 to 19 are overwritten. */
  static void emit(Assembler a) {
    for (int first = 0; first < 16; first += 4) {
      exchange(a, VectorOp.VSHUFPS, first, 1); // words within quarters of four rows
    }
    for (int first = 0; first < 4; first++) {
      exchange(a, VectorOp.VSHUFF32X4, first, 4); // then quarters
    }
  }

  private static void exchange(Assembler a, VectorOp op, int first, int apart) {
    int p = first;
    int q = p + apart;
    int r = q + apart;
    int s = r + apart;
    a.shuffle(op, FREE, p, q, 0x44);
    a.shuffle(op, FREE + 1, p, q, 0xEE);
    a.shuffle(op, FREE + 2, r, s, 0x44);
    a.shuffle(op, FREE + 3, r, s, 0xEE);
    a.shuffle(op, p, FREE, FREE + 2, 0x88);
    a.shuffle(op, q, FREE, FREE + 2, 0xDD);
    a.shuffle(op, r, FREE + 1, FREE + 3, 0x88);
    a.shuffle(op, s, FREE + 1, FREE + 3, 0xDD);
  }
}
