package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Zeroed memory that nobody has touched: the system hands out a page when it is first written to.
 * {@link Arena} writes zeros to all of it at once, which for a cache of some thousand tokens takes
 * a fair part of a second.
 */
public final class FreshPages {
  /** Less is not worth a page of its own. */
  private static final long LEAST = 64 * 1024;

  /** A huge page of x86-64. */
  private static final long HUGE = 2 << 20;

  private FreshPages() {}

  /**
   * So many bytes until {@code arena} closes, aligned to a page; fewer than 64 KiB come from the
   * arena itself, aligned to {@code alignment}, and so does everything where machine code cannot
   * run.
   */
  public static MemorySegment of(long bytes, long alignment, Arena arena) {
    if (bytes < LEAST || !MachineCode.here().isReady()) {
      return arena.allocate(bytes, alignment);
    }
    return SystemCalls.map(bytes).reinterpret(bytes, arena, SystemCalls::unmap);
  }

  /** The same for memory that will be filled at once: in huge pages where the system has some. */
  public static MemorySegment toFill(long bytes, long alignment, Arena arena) {
    MemorySegment pages = of(bytes, alignment, arena);
    if (bytes >= HUGE && MachineCode.here().isReady()) {
      SystemCalls.preferHugePages(pages);
    }
    return pages;
  }
}
