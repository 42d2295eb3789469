package dev.akvavit.cpu;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.testkit.RoundedAttentionContract;
import org.junit.jupiter.api.condition.EnabledIf;

/** The contract of rounded attention, by tiles where this machine has them, else by pairs. */
@EnabledIf(value = "rounds", disabledReason = "nothing is rounded on this machine")
final class RoundedAttentionTest extends RoundedAttentionContract {
  static boolean rounds() {
    return TileRows.of(true) != null;
  }

  @Override
  protected Backend open(int threads) {
    return new CpuBackend(new Backend.Settings(threads, true, ActivationPrecision.BF16));
  }
}
