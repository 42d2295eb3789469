package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadRatesTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void littleMemoryIsReplacedByMoreAndEveryPathReads(boolean machineCode) {
    try (Arena arena = Arena.ofConfined();
        Backend backend = backend(machineCode);
        Backend.ReadProbe probe = backend.reads(List.of(arena.allocate(1000)))) {
      assertThat(probe.description()).contains("MiB of memory").contains("2 threads");
      // a byte a nanosecond is far below any memory, a terabyte a second above two threads
      assertThat(probe.bytesPerSecond(SHORT)).isBetween(1e8, 1e12);
    }
  }

  @Test
  void muchMemoryIsReadWhereItLies() {
    Workers workers = new Workers(2);
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> weights = List.of(arena.allocate(5 << 20, 64), arena.allocate(9, 64));
      try (ReadRates probe = new ReadRates(workers, true, weights, 4 << 20)) {
        assertThat(probe.description()).startsWith("5 MiB of the weights");
        assertThat(probe.bytesPerSecond(SHORT)).isPositive();
      }
    } finally {
      workers.close();
    }
  }

  private static Backend backend(boolean machineCode) {
    return new CpuBackend(new Backend.Settings(2, machineCode, ActivationPrecision.F32));
  }
}
