package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the processor has and the system lets us use: asked of CPUID and XGETBV by a routine of our
 * own (Intel, Software Developer's Manual, volume 1, chapters 13.3 and 15).
 *
 * @param avx512 foundation, byte and word, doubleword and quadword, and vector length extensions,
 *     their registers kept by the system
 */
record Processor(boolean avx512) {
  private static final int[] AVX512_BITS = {16, 17, 30, 31}; // F, DQ, BW, VL in EBX of leaf 7
  private static final long AVX512_STATE = 0xE6; // SSE, AVX, masks, upper halves, upper 16
  private static final int OSXSAVE_BIT = 27; // ECX of leaf 1

  /** Asks. */
  static Processor read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ask = ExecutableMemory.of(question(), arena);
      long[] first = registers(ask, 1);
      if (registers(ask, 0)[0] < 7 || !has(first[2], OSXSAVE_BIT)) {
        return new Processor(false);
      }
      boolean kept = (first[4] & AVX512_STATE) == AVX512_STATE;
      return new Processor(kept && has(registers(ask, 7)[1], AVX512_BITS));
    }
  }

  private static boolean has(long register, int... bits) {
    for (int bit : bits) {
      if ((register >>> bit & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  /** EAX, EBX, ECX and EDX of a leaf, then the states that the system keeps. */
  private static long[] registers(MemorySegment ask, int leaf) {
    long[] answer = new long[5];
    answer[0] = leaf;
    Downcall.run(
        ask,
        MemorySegment.ofArray(answer),
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
    return answer;
  }

  /** A routine that overwrites five longs, of which the first names the leaf. */
  private static byte[] question() {
    Assembler a = new Assembler();
    a.push(RBX);
    a.move(RAX, Address.at(RDI, 0));
    a.move(RSI, RAX);
    a.move(RCX, 0);
    a.cpuid();
    a.move(Address.at(RDI, 0), RAX);
    a.move(Address.at(RDI, 8), RBX);
    a.move(Address.at(RDI, 16), RCX);
    a.move(Address.at(RDI, 24), RDX);
    Assembler.Label end = a.label();
    a.compute(Assembler.Arithmetic.CMP, RSI, 1);
    a.jump(Assembler.Condition.NOT_EQUAL, end);
    a.shiftRight(RCX, OSXSAVE_BIT); // XGETBV exists only where the system uses it
    a.compute(Assembler.Arithmetic.AND, RCX, 1);
    a.jump(Assembler.Condition.EQUAL, end);
    a.move(RCX, 0);
    a.xgetbv();
    a.move(Address.at(RDI, 32), RAX);
    a.place(end);
    a.pop(RBX);
    a.ret();
    return a.bytes();
  }
}
