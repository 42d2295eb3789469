package dev.akvavit.cpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MachineCodeTest {
  private static final Path MAPS = Path.of("/proc/self/maps");

  @BeforeEach
  void needsLinux() {
    assumeTrue(Files.exists(MAPS) && System.getProperty("os.arch").equals("amd64"));
  }

  @Test
  void aPageIsNeverWritableAndExecutableAndGoesWithItsArena() throws IOException {
    long address;
    try (Arena arena = Arena.ofConfined()) {
      Assembler a = new Assembler();
      a.ret();
      MemorySegment code = ExecutableMemory.of(a.bytes(), arena);
      address = code.address();
      assertThat(rights(address)).isEqualTo("r-xp");
      Downcall.run(
          code,
          MemorySegment.NULL,
          MemorySegment.NULL,
          MemorySegment.NULL,
          MemorySegment.NULL,
          MemorySegment.NULL);
    }
    assertThat(rights(address)).isNotEqualTo("r-xp");
  }

  private static String rights(long address) throws IOException {
    for (String line : Files.readAllLines(MAPS)) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-");
      if (Long.parseUnsignedLong(range[0], 16) <= address
          && address < Long.parseUnsignedLong(range[1], 16)) {
        return line.split(" +")[1];
      }
    }
    return "unmapped";
  }

  private static String described(String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .orElse("");
  }

  @Test
  void theProcessorIsTheOneTheSystemDescribes() throws IOException {
    String flags = described("flags");
    Set<String> all = Set.of(flags.split("\\s+"));
    Map<InstructionSet, Set<String>> named =
        Map.of(
            InstructionSet.AVX512, Set.of("avx512f", "avx512bw", "avx512dq", "avx512vl"),
            InstructionSet.VNNI, Set.of("avx512_vnni"),
            InstructionSet.BF16, Set.of("avx512_bf16"),
            InstructionSet.BF16_TILES, Set.of("amx_tile", "amx_bf16"),
            InstructionSet.BYTE_TILES, Set.of("amx_tile", "amx_int8"));
    Processor here = Processor.read();
    assertThat(here.isAmd()).isEqualTo(described("vendor_id").endsWith("AuthenticAMD"));
    for (InstructionSet set : InstructionSet.values()) {
      assertThat(here.sets().contains(set))
          .as("%s", set)
          .isEqualTo(all.containsAll(named.get(set)));
    }
  }

  @Test
  void descriptionSaysWhatRuns() {
    assertThat(MachineCode.here().description().getFirst())
        .startsWith(MachineCode.here().isReady() ? "machine code for AVX-512" : "no machine code");
    if (MachineCode.here().isReady() && !MachineCode.here().has(InstructionSet.BF16_TILES)) {
      assertThat(MachineCode.here().description().getLast()).startsWith("no AMX: ");
    }
  }

  /** Prints what machine code its JVM may run. */
  static final class Description {
    private Description() {}

    public static void main(String[] none) {
      System.out.println(MachineCode.here().description());
    }
  }

  @Test
  void aJvmWithoutNativeAccessGoesOnWithoutMachineCode() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                Description.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("no machine code: start java with --enable-native-access");
    assertThat(other.waitFor()).isZero();
  }
}
