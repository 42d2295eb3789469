package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.testkit.OpsContract;
import org.junit.jupiter.api.Test;

/**
 * The contract on this JVM's lanes; the build runs it at 128, 256 and 512 bits and without the
 * Vector API.
 */
final class CpuOpsTest extends OpsContract {
  @Override
  protected Backend open(int threads) {
    return new CpuBackend(new Backend.Settings(threads, true, ActivationPrecision.F32));
  }

  @Test
  void lanesAreTheOnesAskedFor() {
    String asked = System.getProperty("akvavit.lanes");
    if (asked != null) {
      String expected = asked.equals("none") ? "scalar" : asked + "-bit";
      assertThat(Lanes.KERNELS.description()).startsWith(expected);
    }
  }
}
