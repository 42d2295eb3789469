package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.plan.Certainty;
import dev.akvavit.plan.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PlanGpusTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final List<String> NO_PROGRAM = List.of("/no/such/program");

  @TempDir Path folder;

  @Test
  @EnabledOnOs(OS.LINUX)
  void theDriverTellsModelAndMemory() {
    List<String> query =
        List.of("printf", "NVIDIA H100 80GB HBM3, 81559\\nNVIDIA H100 80GB HBM3, 81000\\n");
    Machine machine = PlanGpus.machine(PlanGpus.find(query, folder, LONG)).orElseThrow();
    assertThat(machine.devices()).isEqualTo(2);
    assertThat(machine.deviceBytes()).as("the smallest").isEqualTo(81_000L << 20);
    assertThat(machine.bandwidth()).isEqualTo(2 * 3.35e12);
    assertThat(machine.certainty()).isEqualTo(Certainty.MEASURED);
    assertThat(machine.bandwidthCertainty()).isEqualTo(Certainty.ESTIMATED);
    assertThat(machine.accelerators()).isTrue();
  }

  @Test
  void itsFilesTellTheModelAlone() throws IOException {
    Path gpu = Files.createDirectories(folder.resolve("0000:04:00.0"));
    Files.writeString(
        gpu.resolve("information"), "Model: \t\t NVIDIA H200\nIRQ:   \t\t 100\nGPU UUID: GPU-1\n");
    List<PlanGpus.Gpu> found = PlanGpus.find(NO_PROGRAM, folder, LONG);
    assertThat(found).containsExactly(new PlanGpus.Gpu("NVIDIA H200", 0));
    Machine machine = PlanGpus.machine(found).orElseThrow();
    assertThat(machine.deviceBytes()).isEqualTo(Machine.preset("H200").deviceBytes());
    assertThat(machine.certainty()).isEqualTo(Certainty.ESTIMATED);
    assertThat(PlanGpus.machine(List.of(new PlanGpus.Gpu("Voodoo 2", 0)))).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void neverFailsWhereThereIsNone() {
    Path none = folder.resolve("none");
    assertThat(PlanGpus.find(NO_PROGRAM, none, LONG)).isEmpty();
    assertThat(PlanGpus.find(List.of("false"), none, LONG)).isEmpty();
    assertThat(PlanGpus.find(List.of("printf", "No devices were found\\n,\\nx, y\\n"), none, LONG))
        .isEmpty();
    assertThat(PlanGpus.find(List.of("sleep", "60"), none, Duration.ofMillis(20))).isEmpty();
    assertThat(PlanGpus.machine(List.of())).isEmpty();
  }
}
