package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Sampling;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Request;
import dev.akvavit.engine.TokenSink;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.arch.Architectures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Decoding makes no garbage: engine, sampler, an MLA + DSA + MoE decoder and the kernels under it,
 * all together.
 */
class AllocationTest {
  private static final int WARM_UP = 6_000;
  private static final int STEPS = 10_000;
  private static final int ROUNDS = 5;

  @Test
  void tenThousandDecodeStepsAllocateNothing(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path golden = VerificationTest.golden("deepseek-v3.2");
    Files.copy(golden.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(golden.resolve("config.json"));
    assertThat(config).contains("\"max_position_embeddings\": 256");
    Files.writeString(
        folder.resolve("config.json"),
        config.replace("\"max_position_embeddings\": 256", "\"max_position_embeddings\": 20000"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      ModelConfig model = Architectures.configure(checkpoint.config(), IndexPrecision.F8);
      try (ModelRunner runner =
          new ModelRunner(
              model,
              Architectures.of(checkpoint.config()),
              backend -> new PlacedWeights(checkpoint, backend),
              ModelOptions.DEFAULT.withContext(WARM_UP + STEPS + 100),
              "allocation")) {
        // The JVM itself allocates a few hundred bytes on a thread whose code it replaces, so one
        // clean round is asked for.
        List<Long> rounds = new ArrayList<>();
        while (rounds.size() < ROUNDS && (rounds.isEmpty() || rounds.getLast() != 0)) {
          rounds.add(round(runner, rounds.size()));
        }
        assertThat(rounds.getLast()).as("bytes a round of %d steps: %s", STEPS, rounds).isZero();
      }
    }
  }

  private static long round(ModelRunner runner, int number) throws InterruptedException {
    Meter meter = new Meter();
    runner.engine.submit(
        new Request(new int[] {5 + number, 7, 11}, WARM_UP + STEPS, new int[0], Sampling.GREEDY),
        meter);
    meter.ended.await();
    assertThat(meter.tokens).isEqualTo(WARM_UP + STEPS);
    return meter.last - meter.first;
  }

  /** Reads the engine thread's own counter, from that thread. */
  private static final class Meter implements TokenSink {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private int tokens;
    private long first;
    private long last;

    @Override
    public boolean token(int id, LogProbs logProbs) {
      tokens++;
      if (tokens == WARM_UP) {
        first = threads.getCurrentThreadAllocatedBytes();
      } else if (tokens == WARM_UP + STEPS) {
        last = threads.getCurrentThreadAllocatedBytes();
      }
      return true;
    }

    @Override
    public void finished(FinishReason reason, String detail, GenerationStats stats) {
      ended.countDown();
    }
  }
}
