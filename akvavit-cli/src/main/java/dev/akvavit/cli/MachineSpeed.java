package dev.akvavit.cli;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;

/**
 * What the machine gives at most, measured shortly: the rate at which threads together read memory,
 * which bounds decoding, and the rate of the engine's own matrix product, which bounds prompts.
 */
final class MachineSpeed {
  private static final int SIZE = 512;
  private static final int WARM_UP = 8;

  private MachineSpeed() {}

  /** Bytes a second that {@code threads} threads together read from memory, for so long. */
  static double readBytesPerSecond(int threads, Duration time) {
    try (Backend backend = provider("cpu").open(threads);
        Backend.ReadProbe probe = backend.reads(List.of())) {
      return probe.bytesPerSecond(time);
    }
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
