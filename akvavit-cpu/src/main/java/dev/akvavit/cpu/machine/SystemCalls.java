package dev.akvavit.cpu.machine;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The four requests to Linux that machine code needs. Numbers are those of x86-64. */
final class SystemCalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final long ARCH_PRCTL = 158;
  private static final long REQUEST_STATE = 0x1023; // ARCH_REQ_XCOMP_PERM
  private static final long TILE_DATA = 18;

  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle SYSCALL =
      function(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));

  private SystemCalls() {}

  private static MethodHandle function(
      String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
  }

  /** Fresh pages that may be read and written. */
  static MemorySegment map(long bytes) {
    try {
      MemorySegment pages =
          (MemorySegment)
              MMAP.invokeExact(MemorySegment.NULL, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (pages.address() == -1) {
        throw new MachineCodeException("mmap of " + bytes + " bytes was refused");
      }
      return pages;
    } catch (Throwable e) {
      throw MachineCodeException.of(e);
    }
  }

  /** From now on the pages may be read and executed, and no longer written. */
  static void makeExecutable(MemorySegment pages) {
    int result;
    try {
      result = (int) MPROTECT.invokeExact(pages, pages.byteSize(), READ | EXECUTE);
    } catch (Throwable e) {
      throw MachineCodeException.of(e);
    }
    if (result != 0) {
      throw new MachineCodeException("mprotect refused to make memory executable");
    }
  }

  static void unmap(MemorySegment pages) {
    try {
      int _ = (int) MUNMAP.invokeExact(pages, pages.byteSize());
    } catch (Throwable e) {
      throw MachineCodeException.of(e);
    }
  }

  /** Whether threads of this process may use tiles from now on; without leave Linux ends it. */
  static boolean askForTiles() {
    try {
      return (long) SYSCALL.invokeExact(ARCH_PRCTL, REQUEST_STATE, TILE_DATA) == 0;
    } catch (Throwable e) {
      throw MachineCodeException.of(e);
    }
  }
}
