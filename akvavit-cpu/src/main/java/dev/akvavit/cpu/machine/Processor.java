package dev.akvavit.cpu.machine;

import static dev.akvavit.cpu.machine.InstructionSet.AVX512;
import static dev.akvavit.cpu.machine.InstructionSet.BF16;
import static dev.akvavit.cpu.machine.InstructionSet.BF16_TILES;
import static dev.akvavit.cpu.machine.InstructionSet.BYTE_TILES;
import static dev.akvavit.cpu.machine.InstructionSet.VNNI;
import static dev.akvavit.cpu.machine.Register.RAX;
import static dev.akvavit.cpu.machine.Register.RBX;
import static dev.akvavit.cpu.machine.Register.RCX;
import static dev.akvavit.cpu.machine.Register.RDI;
import static dev.akvavit.cpu.machine.Register.RDX;
import static dev.akvavit.cpu.machine.Register.RSI;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the processor has and the system lets us use: asked of CPUID and XGETBV by a routine of our
 * own (Intel, Software Developer's Manual, volume 1, chapters 13.3, 15 and 18).
 *
 * <p>Tiles also need the system's leave, which {@link SystemCalls#askForTiles} gets.
 *
 * @param isAmd whether AMD made it
 */
record Processor(Set<InstructionSet> sets, boolean isAmd) {
  private static final long AVX512_STATE = 0xE6; // SSE, AVX, masks, upper halves, upper 16
  private static final long TILE_STATE = 0x6_0000; // configuration and data
  private static final int OSXSAVE_BIT = 27; // ECX of leaf 1

  Processor {
    sets = Set.copyOf(sets);
  }

  /** Asks. */
  static Processor read() {
    Set<InstructionSet> sets = EnumSet.noneOf(InstructionSet.class);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ask = ExecutableMemory.of(question(), arena);
      long[] maker = registers(ask, 0, 0);
      boolean isAmd = name(maker).equals("AuthenticAMD");
      long[] first = registers(ask, 1, 0);
      if (maker[0] < 7 || !has(first[2], OSXSAVE_BIT)) {
        return new Processor(sets, isAmd);
      }
      long[] features = registers(ask, 7, 0);
      long more = features[0] < 1 ? 0 : registers(ask, 7, 1)[0];
      if (keeps(first[4], AVX512_STATE) && has(features[1], 16, 17, 30, 31)) { // F, DQ, BW, VL
        sets.add(AVX512);
        addIf(has(features[2], 11), VNNI, sets);
        addIf(has(more, 5), BF16, sets);
      }
      if (keeps(first[4], TILE_STATE) && has(features[3], 24)) {
        addIf(has(features[3], 22), BF16_TILES, sets);
        addIf(has(features[3], 25), BYTE_TILES, sets);
      }
      return new Processor(sets, isAmd);
    }
  }

  /** Twelve letters in EBX, EDX and ECX of leaf 0. */
  private static String name(long[] maker) {
    ByteBuffer letters = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    letters.putInt((int) maker[1]).putInt((int) maker[3]).putInt((int) maker[2]);
    return new String(letters.array(), StandardCharsets.US_ASCII);
  }

  private static boolean keeps(long states, long wanted) {
    return (states & wanted) == wanted;
  }

  private static void addIf(boolean there, InstructionSet set, Set<InstructionSet> to) {
    if (there) {
      to.add(set);
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
  private static long[] registers(MemorySegment ask, int leaf, int part) {
    long[] answer = new long[5];
    answer[0] = leaf;
    answer[1] = part;
    Downcall.run(
        ask,
        MemorySegment.ofArray(answer),
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL);
    return answer;
  }

  /** A routine that overwrites five longs, of which the first two name the leaf and its part. */
  private static byte[] question() {
    Assembler a = new Assembler();
    a.push(RBX);
    a.move(RAX, Address.at(RDI, 0));
    a.move(RSI, RAX);
    a.move(RCX, Address.at(RDI, 8));
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
