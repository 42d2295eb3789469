package dev.akvavit.cpu.machine;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The four requests to Linux that machine code needs, all through {@code syscall}: the JVM takes
 * some milliseconds to link a function, and every start waits for them. Numbers are those of
 * x86-64.
 */
final class SystemCalls {
  private static final long MMAP = 9;
  private static final long MPROTECT = 10;
  private static final long MUNMAP = 11;
  private static final long ARCH_PRCTL = 158;

  private static final long MADVISE = 28;
  private static final long READ = 1;
  private static final long WRITE = 2;
  private static final long EXECUTE = 4;
  private static final long PRIVATE_ANONYMOUS = 0x22;
  private static final long NO_FILE = -1;
  private static final long HUGE_PAGES = 14; // MADV_HUGEPAGE
  private static final long REQUEST_STATE = 0x1023; // ARCH_REQ_XCOMP_PERM
  private static final long TILE_DATA = 18;

  private static final MethodHandle SYSCALL = link();

  private SystemCalls() {}

  private static MethodHandle link() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        Linker.Option.firstVariadicArg(1));
  }

  /** What the system answers; -1 when it refuses. */
  private static long ask(long request, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) SYSCALL.invokeExact(request, a, b, c, d, e, f);
    } catch (Throwable thrown) {
      throw MachineCodeException.of(thrown);
    }
  }

  private static long ask(long request, long a, long b, long c) {
    return ask(request, a, b, c, 0, 0, 0);
  }

  /** Fresh pages that may be read and written. */
  static MemorySegment map(long bytes) {
    long address = ask(MMAP, 0, bytes, READ | WRITE, PRIVATE_ANONYMOUS, NO_FILE, 0);
    if (address == -1) {
      throw new MachineCodeException("mmap of " + bytes + " bytes was refused");
    }
    return MemorySegment.ofAddress(address);
  }

  /** From now on the pages may be read and executed, and no longer written. */
  static void makeExecutable(MemorySegment pages) {
    if (ask(MPROTECT, pages.address(), pages.byteSize(), READ | EXECUTE) != 0) {
      throw new MachineCodeException("mprotect refused to make memory executable");
    }
  }

  /** Advice only: it may be declined. */
  static void preferHugePages(MemorySegment pages) {
    ask(MADVISE, pages.address(), pages.byteSize(), HUGE_PAGES);
  }

  static void unmap(MemorySegment pages) {
    ask(MUNMAP, pages.address(), pages.byteSize(), 0);
  }

  /** Whether threads of this process may use tiles from now on; without leave Linux ends it. */
  static boolean askForTiles() {
    return ask(ARCH_PRCTL, REQUEST_STATE, TILE_DATA, 0) == 0;
  }
}
