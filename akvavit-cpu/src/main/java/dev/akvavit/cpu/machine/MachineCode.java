package dev.akvavit.cpu.machine;

import dev.akvavit.core.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What machine code this JVM may run, found out once: on Linux and x86-64 with AVX-512, unless the
 * system refuses executable memory, the JVM refuses native access or {@code -Dakvavit.jit=off} asks
 * for none. {@code -Dakvavit.jit=no-tiles} leaves AMX alone.
 */
public final class MachineCode {
  private static final int FAMILIES = 4;
  private static final int FORMS = 8; // more than any routine has
  private static final int TARGETS = PanelRoutine.Target.values().length;
  private static final int TYPES = Stored.values().length; // a call would copy them each time
  private static final MachineCode HERE = find();

  private final Set<InstructionSet> sets;
  private final boolean isAmd;
  private final String refusal; // of all, or of tiles
  private final AtomicReferenceArray<@Nullable MemorySegment> routines =
      new AtomicReferenceArray<>(2 * FAMILIES * FORMS * TYPES);

  private final AtomicReferenceArray<@Nullable MemorySegment> decoders =
      new AtomicReferenceArray<>(2 * TARGETS * DType.values().length);
  private final AtomicReferenceArray<@Nullable MemorySegment> sideBySide =
      new AtomicReferenceArray<>((PanelRoutine.SIDE_BY_SIDE + 1) * DType.values().length);
  private final AtomicReferenceArray<@Nullable MemorySegment> products =
      new AtomicReferenceArray<>(
          PanelForm.values().length * (PanelProductRoutine.MOST_VECTORS + 1));

  private final AtomicReferenceArray<@Nullable MemorySegment> elements =
      new AtomicReferenceArray<>(ElementRoutine.Kind.values().length);

  private MachineCode(Set<InstructionSet> sets, boolean isAmd, String refusal) {
    this.sets = Set.copyOf(sets);
    this.isAmd = isAmd;
    this.refusal = refusal;
  }

  private static MachineCode none(String refusal) {
    return new MachineCode(Set.of(), false, refusal);
  }

  /** The state of this JVM. */
  public static MachineCode here() {
    return HERE;
  }

  private static MachineCode find() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    String wish = System.getProperty("akvavit.jit", "on");
    if (wish.equals("off")) {
      return none("akvavit.jit=off asks for none");
    }
    if (!system.equals("Linux amd64")) {
      return none(system + " is not Linux amd64");
    }
    try {
      Processor processor = Processor.read();
      Set<InstructionSet> found = processor.sets();
      if (!found.contains(InstructionSet.AVX512)) {
        return none("the processor has no AVX-512, or the system hides it");
      }
      String noTiles = refusalOfTiles(found, wish);
      return noTiles.isEmpty()
          ? new MachineCode(found, processor.isAmd(), "")
          : new MachineCode(withoutTiles(found), processor.isAmd(), "no AMX: " + noTiles);
    } catch (ExceptionInInitializerError e) {
      return none(
          e.getCause() instanceof IllegalCallerException
              ? "start java with --enable-native-access=ALL-UNNAMED"
              : String.valueOf(e.getCause()));
    } catch (MachineCodeException e) {
      return none(String.valueOf(e.getMessage()));
    }
  }

  private static String refusalOfTiles(Set<InstructionSet> found, String wish) {
    if (found.equals(withoutTiles(found))) {
      return "the processor has none, or the system hides it";
    }
    if (wish.equals("no-tiles")) {
      return "akvavit.jit=no-tiles asks for none";
    }
    return SystemCalls.askForTiles() ? "" : "the system refused leave (arch_prctl)";
  }

  private static Set<InstructionSet> withoutTiles(Set<InstructionSet> all) {
    Set<InstructionSet> rest = EnumSet.copyOf(all);
    rest.remove(InstructionSet.BF16_TILES);
    rest.remove(InstructionSet.BYTE_TILES);
    return rest;
  }

  /** Whether routines can be called. */
  public boolean isReady() {
    return has(InstructionSet.AVX512);
  }

  /** Whether routines may use such instructions. */
  public boolean has(InstructionSet set) {
    return sets.contains(set);
  }

  boolean isAmd() {
    return isAmd;
  }

  /** Whether {@code vdpbf16ps} outruns multiply-adds of F32. */
  public boolean multipliesPairsFast() {
    return has(InstructionSet.BF16) && isAmd;
  }

  /** What runs, or why nothing does: sentences without a full stop. */
  public List<String> description() {
    if (!isReady()) {
      return List.of("no machine code: " + refusal);
    }
    StringJoiner names = new StringJoiner(", ", "machine code for ", "");
    for (InstructionSet set : InstructionSet.values()) {
      if (has(set)) {
        names.add(set.label);
      }
    }
    return refusal.isEmpty() ? List.of(names.toString()) : List.of(names.toString(), refusal);
  }

  /** Dot products with so many vectors. */
  MemorySegment dots(Stored type, boolean gathered, int vectors) {
    int place = place(0, type, gathered, vectors);
    MemorySegment found = routines.get(place);
    return found != null
        ? found
        : keep(routines, place, DotRoutine.of(type, gathered, vectors, isAmd));
  }

  /** Weighted sums of rows, so many at once. */
  MemorySegment sums(Stored type, boolean gathered, int sums) {
    int place = place(1, type, gathered, sums);
    MemorySegment found = routines.get(place);
    return found != null ? found : keep(routines, place, SumRoutine.of(type, gathered, sums));
  }

  /**
   * Decodes rows of a type. Asking again for a line that was asked for costs Intel's processors up
   * to a fifth of a product with four-bit weights; AMD's seem to forget what they were asked for
   * when busy, and gain by it.
   */
  MemorySegment panels(DType type, PanelRoutine.Target target, boolean interleaved) {
    int place = (2 * type.ordinal() + (interleaved ? 1 : 0)) * TARGETS + target.ordinal();
    MemorySegment found = decoders.get(place);
    return found != null
        ? found
        : keep(decoders, place, PanelRoutine.of(type, target, interleaved, isAmd));
  }

  /** Interleaved rows times one vector, so many panels at once. */
  MemorySegment panelsSideBySide(DType type, int panels) {
    int place = panels * DType.values().length + type.ordinal();
    MemorySegment found = sideBySide.get(place);
    return found != null ? found : keep(sideBySide, place, PanelRoutine.sideBySide(type, panels));
  }

  /** Panels times so many vectors of codes. */
  MemorySegment panelProducts(PanelForm form, int vectors) {
    int place = vectors * PanelForm.values().length + form.ordinal();
    MemorySegment found = products.get(place);
    return found != null ? found : keep(products, place, PanelProductRoutine.of(form, vectors));
  }

  /** Products of rows with so many tiles of vectors; 0 for a single vector. */
  MemorySegment tiles(int vectorTiles, boolean straight) {
    int place = place(2, Stored.PAIRS, straight, vectorTiles);
    MemorySegment found = routines.get(place);
    return found != null ? found : keep(routines, place, TileRoutine.of(vectorTiles, straight));
  }

  /** The packing of one vector or sixteen. */
  MemorySegment interleaving(Stored type, int vectors) {
    int place = place(3, type, vectors > 1, 0);
    MemorySegment found = routines.get(place);
    return found != null ? found : keep(routines, place, InterleaveRoutine.of(type, vectors));
  }

  /** What works element by element. */
  MemorySegment elements(ElementRoutine.Kind kind) {
    MemorySegment found = elements.get(kind.ordinal());
    return found != null ? found : keep(elements, kind.ordinal(), ElementRoutine.of(kind));
  }

  private static int place(int family, Stored type, boolean gathered, int form) {
    return ((2 * family + (gathered ? 1 : 0)) * TYPES + type.ordinal()) * FORMS + form;
  }

  /** Two threads may both make a routine the first time; either will do. */
  private static MemorySegment keep(
      AtomicReferenceArray<@Nullable MemorySegment> kept, int place, byte[] code) {
    MemorySegment made = ExecutableMemory.of(code, Arena.global());
    kept.set(place, made);
    return made;
  }
}
