package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What machine code this JVM may run, found out once: on Linux and x86-64 with AVX-512, unless the
 * system refuses executable memory, the JVM refuses native access or {@code -Dakvavit.jit=off} asks
 * for none.
 */
public final class MachineCode {
  private static final int FORMS = 8; // more than any routine has
  private static final MachineCode HERE = find();

  private final @Nullable Processor processor;
  private final String refusal;
  private final AtomicReferenceArray<@Nullable MemorySegment> routines =
      new AtomicReferenceArray<>(4 * FORMS * Stored.values().length);

  private MachineCode(@Nullable Processor processor, String refusal) {
    this.processor = processor;
    this.refusal = refusal;
  }

  /** The state of this JVM. */
  public static MachineCode here() {
    return HERE;
  }

  private static MachineCode find() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (System.getProperty("akvavit.jit", "on").equals("off")) {
      return new MachineCode(null, "akvavit.jit=off asks for none");
    }
    if (!system.equals("Linux amd64")) {
      return new MachineCode(null, system + " is not Linux amd64");
    }
    try {
      Processor found = Processor.read();
      return new MachineCode(
          found, found.avx512() ? "" : "the processor has no AVX-512, or the system hides it");
    } catch (ExceptionInInitializerError e) {
      return new MachineCode(
          null,
          e.getCause() instanceof IllegalCallerException
              ? "start java with --enable-native-access=ALL-UNNAMED"
              : String.valueOf(e.getCause()));
    } catch (MachineCodeException e) {
      return new MachineCode(null, String.valueOf(e.getMessage()));
    }
  }

  /** Whether routines can be called. */
  public boolean isReady() {
    return processor != null && processor.avx512();
  }

  /** What runs, or why nothing does: sentences without a full stop. */
  public List<String> description() {
    if (processor == null || !isReady()) {
      return List.of("no machine code: " + refusal);
    }
    return List.of("machine code for AVX-512");
  }

  /** Dot products with so many vectors. */
  MemorySegment dots(Stored type, boolean gathered, int vectors) {
    int place = place(0, type, gathered, vectors);
    MemorySegment found = routines.get(place);
    return found != null ? found : keep(place, DotRoutine.of(type, gathered, vectors));
  }

  /** Weighted sums of rows, so many at once. */
  MemorySegment sums(Stored type, boolean gathered, int sums) {
    int place = place(1, type, gathered, sums);
    MemorySegment found = routines.get(place);
    return found != null ? found : keep(place, SumRoutine.of(type, gathered, sums));
  }

  private static int place(int family, Stored type, boolean gathered, int form) {
    return ((2 * family + (gathered ? 1 : 0)) * Stored.values().length + type.ordinal()) * FORMS
        + form;
  }

  /** Two threads may both make a routine the first time; either will do. */
  private MemorySegment keep(int place, byte[] code) {
    MemorySegment made = ExecutableMemory.of(code, Arena.global());
    routines.set(place, made);
    return made;
  }
}
