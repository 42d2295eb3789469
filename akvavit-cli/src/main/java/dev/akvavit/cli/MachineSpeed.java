package dev.akvavit.cli;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the machine gives at most, measured shortly: the rate at which threads together read memory,
 * which bounds decoding, and the rate of the engine's own matrix product, which bounds prompts.
 */
final class MachineSpeed {
  /**
   * Longs that all threads read together: 256 MiB, beyond the last cache of all but the largest
   * machines.
   */
  private static final int LONGS = 1 << 25;

  private static final int BLOCK = 4096;

  private static final int SIZE = 512;
  private static final int WARM_UP = 8;

  private MachineSpeed() {}

  /**
   * Bytes a second that {@code threads} threads together read from memory; the best of several
   * passes, for everything else that runs on the machine only slows it.
   */
  static double readBytesPerSecond(int threads, Duration time) {
    long[][] arrays = new long[threads][LONGS / threads / BLOCK * BLOCK];
    for (long[] array : arrays) {
      Arrays.fill(array, 1); // pages exist from now on
    }
    try (ExecutorService team = Executors.newFixedThreadPool(threads)) {
      long until = System.nanoTime() + time.toNanos();
      double best = 0;
      do {
        long start = System.nanoTime();
        sumAll(team, arrays);
        best =
            Math.max(best, threads * 8.0 * arrays[0].length / ((System.nanoTime() - start) / 1e9));
      } while (System.nanoTime() < until);
      return best;
    }
  }

  private static void sumAll(ExecutorService team, long[][] arrays) {
    List<Future<Long>> sums = new ArrayList<>();
    for (long[] array : arrays) {
      sums.add(team.submit(() -> sum(array)));
    }
    for (Future<Long> sum : sums) {
      try {
        if (sum.get() != arrays[0].length) {
          throw new IllegalStateException("memory gave back other bytes than were written");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("interrupted while measuring memory");
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Blocks keep the loop short enough to be compiled before the first pass has ended. */
  private static long sum(long[] array) {
    long sum = 0;
    for (int from = 0; from < array.length; from += BLOCK) {
      sum += sum(array, from, from + BLOCK);
    }
    return sum;
  }

  private static long sum(long[] array, int from, int to) {
    long a = 0;
    for (int i = from; i < to; i++) {
      a += array[i];
    }
    return a;
  }

  /** How fast a backend multiplies matrices, and by which loops. */
  record Matmul(String backend, List<String> paths, double flops) {}

  /**
   * Floating-point operations a second of a 512 x 512 x 512 product in F32, by the backend that
   * would run a model.
   */
  static Matmul matmul(String backend, int threads, Duration time) {
    try (Backend opened = provider(backend).open(threads)) {
      long bytes = DType.F32.bytes((long) SIZE * SIZE);
      Weight weight = Weight.dense("w", DType.F32, SIZE, SIZE, opened.allocate(bytes), null);
      Tensor x = square(opened.allocate(bytes));
      Tensor y = square(opened.allocate(bytes));
      for (int i = 0; i < WARM_UP; i++) {
        opened.ops().matmul(y, x, weight);
      }
      long until = System.nanoTime() + time.toNanos();
      long best = Long.MAX_VALUE;
      do {
        long start = System.nanoTime();
        opened.ops().matmul(y, x, weight);
        best = Math.min(best, System.nanoTime() - start);
      } while (System.nanoTime() < until);
      return new Matmul(
          opened.description(), opened.paths(), 2.0 * SIZE * SIZE * SIZE / (best / 1e9));
    }
  }

  /**
   * Opens backends of that name.
   *
   * @throws IllegalArgumentException when none is installed
   */
  static Backend.Provider provider(String backend) {
    return ServiceLoader.load(Backend.Provider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> p.name().equals(backend))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "backend: found " + backend + ", allowed: one that is installed"));
  }

  private static Tensor square(Buffer buffer) {
    return new Tensor(buffer, DType.F32, new Extent(SIZE), 0, SIZE, 1, SIZE, SIZE);
  }
}
