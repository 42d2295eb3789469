package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A decode step allocates nothing: counted on the thread that runs the loop, sinks included. The
 * machine itself allocates a little on that thread when it replaces compiled code (seen: 64 to 700
 * bytes, once; none under {@code -Xint}), so the warm-up lasts until a whole round has been free of
 * it. What allocates in a step never is.
 */
class AllocationTest {
  private static final int STEPS = 10_000;
  private static final int LAST = HashModel.VOCABULARY - 1; // the stop token, never drawn
  private static final EngineLimits LIMITS = new EngineLimits(16, 8 * 4000, 64_000, 64, 8, 8, 1000);

  /** Counts and compares, and allocates nothing itself. */
  private static class Counting implements TokenSink {
    long tokens;
    double sum;

    @Override
    public boolean token(int id, LogProbs logProbs) {
      tokens++;
      sum += logProbs.isEmpty() ? 0 : logProbs.chosen();
      return true;
    }

    @Override
    public void finished(FinishReason reason, String detail, GenerationStats stats) {
      throw new AssertionError("ended too early: " + reason + " " + detail);
    }
  }

  @Test
  void tenThousandDecodeStepsOfEightSequencesAllocateNothing() {
    assertThat(allocatedBytes(new Counting(), 5)).as("bytes in %d decode steps", STEPS).isZero();
  }

  /** The inverse: the gate sees a single small object a step. */
  @Test
  void aSinkThatKeepsItsTokensIsNoticed() {
    Counting keeping =
        new Counting() {
          private final int[][] kept = new int[1024][];

          @Override
          public boolean token(int id, LogProbs logProbs) {
            kept[(int) (tokens & 1023)] = new int[] {id};
            return super.token(id, logProbs);
          }
        };
    assertThat(allocatedBytes(keeping, 1)).isGreaterThanOrEqualTo(STEPS * 8L * 16);
  }

  /**
   * Bytes of the last of at most {@code 1 + rounds} rounds; the first that is free of any ends it.
   */
  private static long allocatedBytes(Counting sink, int rounds) {
    Mailbox mailbox = new Mailbox(LIMITS);
    EngineEvents events = new EngineEvents();
    ConstantModel model = new ConstantModel();
    PrefixCache cache = new PrefixCache(new PagePool(LIMITS.pages()));
    PageTables tables = new PageTables(LIMITS.pageSize(), cache, true);
    Scheduler scheduler = new Scheduler(LIMITS, tables, mailbox, events, System::nanoTime);
    Sampler sampler = new Sampler(model);
    Loop loop = new Loop(LIMITS, mailbox, scheduler, model, sampler, events, System::nanoTime);
    PageKeys keys = new PageKeys(LIMITS.pageSize());
    for (int i = 0; i < LIMITS.maxSequences(); i++) {
      mailbox.submit(new Sequence(request(i), sink, LIMITS, keys, "constant", mailbox::ring));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = Long.MAX_VALUE;
    for (int round = 0; bytes != 0 && round <= rounds; round++) {
      long tokens = sink.tokens;
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < STEPS; i++) {
        loop.step();
      }
      bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(sink.tokens - tokens).isEqualTo(STEPS * 8L);
    }
    return bytes;
  }

  /** Eight kinds: each sampling rule, with and without bias, log probabilities and a constraint. */
  private static Request request(int i) {
    Sampling[] rules = {
      Sampling.GREEDY,
      new Sampling(0.8f, 40, 0.9f, 0.05f, 1, 1, 0, 0),
      new Sampling(1.2f, 0, 1, 0, 2, 1, 0, 0),
      new Sampling(1, 0, 0.95f, 0, 3, 1.1f, 0.1f, 0.1f)
    };
    return new Request(
        new int[] {i, 1, 2},
        60_000,
        new int[] {LAST},
        rules[i % rules.length],
        i < 4 ? Map.of() : Map.of(5, 1f),
        i % 3 == 0 ? 5 : Request.NO_LOG_PROBS,
        CacheScope.SHARED,
        i == 2 ? new OddOnly() : TokenConstraint.NONE);
  }

  /** Allows every other token. */
  private static final class OddOnly implements TokenConstraint {
    @Override
    public void mask(long[] allowed) {
      allowed[0] = 0x2AAA_AAAAL;
    }

    @Override
    public void accept(int token) {}
  }

  /** Logits from a counter, never favouring the stop token. */
  private static final class ConstantModel implements Model {
    private long step;

    @Override
    public void forward(Batch batch) {
      step++;
    }

    @Override
    public void logits(int row, float[] out) {
      HashModel.fill(step * 31 + row, out);
      out[LAST] = -1e9f;
    }

    @Override
    public int vocabulary() {
      return HashModel.VOCABULARY;
    }

    @Override
    public boolean generatedRowsMatchPrompt() {
      return true;
    }
  }
}
