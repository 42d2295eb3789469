package dev.akvavit.cpu.machine;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The one kind of call that all routines answer: five pointers, to Java arrays or native memory.
 *
 * <p>The call is "critical": no change of thread state, and arrays do not move meanwhile, since the
 * collector waits. A routine must therefore return within milliseconds. About 10 ns a call.
 */
final class Downcall {
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS),
              Linker.Option.critical(true));

  private Downcall() {}

  static void run(
      MemorySegment code,
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      MemorySegment d,
      MemorySegment e) {
    try {
      CALL.invokeExact(code, a, b, c, d, e);
    } catch (Throwable thrown) {
      throw MachineCodeException.of(thrown);
    }
  }
}
