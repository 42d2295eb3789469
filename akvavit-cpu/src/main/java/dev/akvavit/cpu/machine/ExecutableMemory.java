package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Pages that hold finished code. They are written first and made executable then: no page is ever
 * both.
 */
final class ExecutableMemory {
  private static final long PAGE = 4096;

  private ExecutableMemory() {}

  /**
   * A copy of {@code code} that may be called until {@code arena} closes.
   *
   * @throws MachineCodeException when the system refuses executable memory
   */
  static MemorySegment of(byte[] code, Arena arena) {
    long bytes = Math.ceilDiv(code.length, PAGE) * PAGE;
    MemorySegment pages = SystemCalls.map(bytes).reinterpret(bytes, arena, SystemCalls::unmap);
    MemorySegment.copy(MemorySegment.ofArray(code), 0, pages, 0, code.length);
    SystemCalls.makeExecutable(pages);
    return pages.asSlice(0, code.length);
  }
}
