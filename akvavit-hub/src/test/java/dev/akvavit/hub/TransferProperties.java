package dev.akvavit.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever sequence of troubles meets a pull, it ends with exactly the right bytes or with a named
 * error, no snapshot ever shows anything else, and a hub in good order then completes it.
 */
class TransferProperties {
  private static final int TRANSFERS = Integer.getInteger("akvavit.hub.transfers", 500);
  private static final double TROUBLE = 0.3;

  @TempDir private Path folders;

  @Test
  void everyTransferEndsRightOrNamed() throws IOException {
    int named = 0;
    try (StubHub stub = new StubHub()) {
      HubFixture.addModel(stub, 2_700, 1);
      for (int seed = 0; seed < TRANSFERS; seed++) {
        Path cache = folders.resolve("seed" + seed);
        Random random = new Random(seed);
        stub.trouble((request, answer) -> trouble(random, answer));
        try {
          pull(stub, cache);
          HubFixture.assertWhole(stub, cache);
        } catch (HubException e) {
          named++;
          HubFixture.assertNothingWrongIsShown(stub, cache);
          stub.trouble(StubHub.NONE);
          pull(stub, cache);
          HubFixture.assertWhole(stub, cache);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed, e);
        }
      }
    }
    assertThat(named).as("transfers that ended in an error").isBetween(1, TRANSFERS - 1);
  }

  private static void pull(StubHub stub, Path cache) {
    TransferLimits limits =
        new TransferLimits(1000, 2, 100, 4, 60, Duration.ofSeconds(20), Duration.ofMinutes(5));
    new Hub(HubFixture.settings(stub, cache), new LocalDisk(), limits, HubFixture.NO_PAUSE)
        .pull(HubFixture.REFERENCE, PullListener.SILENT);
  }

  private static void trouble(Random shared, StubHub.Answer answer) {
    synchronized (shared) {
      if (shared.nextDouble() > TROUBLE) {
        return;
      }
      int length = answer.body.length;
      switch (shared.nextInt(9)) {
        case 0, 1, 2 -> answer.cutAt = shared.nextInt(length + 1);
        case 3 -> {
          answer.body = answer.body.clone();
          if (length > 0) {
            answer.body[shared.nextInt(length)] ^= (byte) (1 + shared.nextInt(255));
          }
        }
        case 4 -> answer.headers.put("ETag", "\"" + shared.nextInt(2) + "\"");
        case 5 -> answer.status = new int[] {429, 500, 503, 408, 403}[shared.nextInt(5)];
        case 6 -> answer.claimedLength = shared.nextInt(length + 100);
        case 7 -> answer.headers.put("Content-Range", "bytes 0-1/" + shared.nextInt(3_000));
        default -> answer.headers.remove("ETag");
      }
    }
  }
}
