package dev.akvavit.cpu;

import dev.akvavit.core.Backend;
import dev.akvavit.cpu.machine.PeakLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The most arithmetic that a team does together, kind by kind: by machine code, or by the Vector
 * API where that is all there is.
 */
final class PeakRates {
  private static final Kernels K = Lanes.KERNELS;

  /** A critical call must end within milliseconds; these end within two. */
  private static final int ROUNDS = 1 << 15;

  private PeakRates() {}

  static List<Backend.Peak> of(Workers workers, boolean machineCode, Duration time) {
    List<Backend.Peak> peaks = new ArrayList<>();
    if (!machineCode) {
      double each = 2.0 * Kernels.CHAINS * K.lanes();
      peaks.add(new Backend.Peak("F32", rate(workers, time, each, K::chains)));
      return peaks;
    }
    for (PeakLoop loop : PeakLoop.here()) {
      try (loop) {
        double rate = rate(workers, time, loop.operations(), loop::run);
        peaks.add(new Backend.Peak(loop.arithmetic(), rate));
      }
    }
    return peaks;
  }

  /** The best of many passes: whatever else runs only slows them. */
  private static double rate(Workers workers, Duration time, double operations, IntConsumer loop) {
    Workers.Task task =
        (from, to, worker) -> {
          for (int i = from; i < to; i++) {
            loop.accept(ROUNDS);
          }
        };
    int shares = workers.threads();
    double best = 0;
    long until = System.nanoTime() + time.toNanos();
    do {
      long start = System.nanoTime();
      workers.run(task, shares, 1);
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, shares * operations * ROUNDS / seconds);
    } while (System.nanoTime() < until);
    return best;
  }
}
