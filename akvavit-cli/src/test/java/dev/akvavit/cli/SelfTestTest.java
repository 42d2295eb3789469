package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelfTestTest {

  @Test
  void everyProbeRunsAndHasAFloor() {
    try (Backend backend = MachineSpeed.provider("cpu").open(1);
        KernelProbes products = KernelProbes.productsOf(backend, ActivationPrecision.AUTO);
        KernelProbes others = KernelProbes.others(backend)) {
      List<KernelProbes.Probe> all =
          Stream.concat(products.all().stream(), others.all().stream()).toList();
      assertThat(all).extracting(KernelProbes.Probe::name).doesNotHaveDuplicates();
      assertThat(all)
          .allSatisfy(p -> {
            p.run().run();
            assertThat(p.work()).isPositive();
            assertThat(p.floor()).isBetween(0.001, 0.5);
          });
    }
  }

  @Test
  void aKernelUnderItsFloorIsNamed() {
    SelfTest.Row boxed = row("boxed", 9e9);
    SelfTest.Row healthy = row("healthy", 11e9);
    SelfTest.Report report =
        new SelfTest.Report("cpu", List.of(), "25", 100e9, 200e9, false, List.of(boxed, healthy));
    assertThat(report.slow()).containsExactly("boxed");
    assertThat(report.markdown())
        .contains("| boxed | 9.0 GB/s | 9.0 % of READS | 10.0 % | **too slow** |")
        .contains("| healthy | 11.0 GB/s | 11.0 % of READS | 10.0 % | ok |");
  }

  private static SelfTest.Row row(String name, double rate) {
    KernelProbes.Probe probe =
        new KernelProbes.Probe(name, KernelProbes.Limit.READS, 1, 0.1, () -> {});
    return SelfTest.Row.of(probe, rate, 100e9, 200e9);
  }
}
