package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelfTestTest {

  @Test
  void everyProbeRunsAndHasAFloor() {
    try (Backend backend = MachineSpeed.provider("cpu").open(1);
        KernelProbes exact = KernelProbes.productsOf(backend, ActivationPrecision.F32, true);
        KernelProbes bytes = KernelProbes.productsOf(backend, ActivationPrecision.INT8, true);
        KernelProbes others = KernelProbes.others(backend)) {
      List<KernelProbes.Probe> all =
          Stream.of(exact, bytes, others).flatMap(p -> p.all().stream()).toList();
      assertThat(all).extracting(KernelProbes.Probe::name).doesNotHaveDuplicates();
      assertThat(all)
          .allSatisfy(p -> {
            p.run().run();
            assertThat(p.work()).isPositive();
            assertThat(p.floor()).isBetween(0.001, 0.6);
          });
    }
  }

  /** So that a fall back is seen, and a processor without such products fails no test. */
  @Test
  void productsOfBytesHaveFloorsOfTheirOwnWhereTheyAreFast() {
    try (Backend backend = MachineSpeed.provider("cpu").open(1);
        KernelProbes exact = KernelProbes.productsOf(backend, ActivationPrecision.F32, true);
        KernelProbes fast = KernelProbes.productsOf(backend, ActivationPrecision.INT8, true);
        KernelProbes slow = KernelProbes.productsOf(backend, ActivationPrecision.INT8, false)) {
      assertThat(slow.all()).isEmpty();
      Map<String, Double> floors =
          exact.all().stream()
              .collect(Collectors.toMap(KernelProbes.Probe::name, KernelProbes.Probe::floor));
      assertThat(fast.all())
          .hasSize(10)
          .allSatisfy(p ->
              assertThat(p.floor())
                  .isGreaterThanOrEqualTo(4 * floors.get(p.name().replace("INT8", "F32"))));
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
