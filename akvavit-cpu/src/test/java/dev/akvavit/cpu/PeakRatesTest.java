package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeakRatesTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void theVectorLoopsHaveOnePeakAndMachineCodeHasF32First() {
    assertThat(peaks(false)).singleElement().extracting(Backend.Peak::arithmetic).isEqualTo("F32");
    List<Backend.Peak> machine = peaks(true);
    assertThat(machine.getFirst().arithmetic()).isEqualTo("F32");
    assertThat(machine).extracting(Backend.Peak::arithmetic).doesNotHaveDuplicates();
    assertThat(machine).allSatisfy(p -> assertThat(p.operations()).isPositive().isFinite());
  }

  private static List<Backend.Peak> peaks(boolean machineCode) {
    try (Backend backend =
        new CpuBackend(new Backend.Settings(2, machineCode, ActivationPrecision.F32))) {
      return backend.peaks(SHORT);
    }
  }
}
