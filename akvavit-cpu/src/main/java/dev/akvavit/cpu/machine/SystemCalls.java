package dev.akvavit.cpu.machine;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The three requests to Linux that machine code needs. Numbers are those of x86-64. */
final class SystemCalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  private SystemCalls() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
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
}
