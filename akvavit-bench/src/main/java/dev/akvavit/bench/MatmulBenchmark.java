package dev.akvavit.bench;

import dev.akvavit.core.Backend;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code out = W x} for one row (a generated token, bound by memory) and for many (a prompt, bound
 * by arithmetic).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class MatmulBenchmark {
  private static final int BLOCK = 128;

  /** Types of stored matrices. */
  @Param({"F32", "BF16", "F8_E4M3"})
  DType dtype;

  /** Tokens of the step. */
  @Param({"1", "256"})
  int tokens;

  /** Rows and columns of the matrix. */
  @Param({"384", "2048", "8192"})
  int size;

  private Arena arena;
  private Backend backend;
  private Weight weight;
  private Tensor x;
  private Tensor out;

  /**
   * Fills the matrix, FP8 up to its largest value as in real ones; activations stay zero, which
   * costs the same.
   */
  @Setup
  public void open() {
    arena = Arena.ofShared();
    backend = ServiceLoader.load(Backend.Provider.class).findFirst().orElseThrow().open(0);
    MemorySegment data = arena.allocate(dtype.bytes((long) size * size), 64);
    SplittableRandom random = new SplittableRandom(1);
    float largest = dtype == DType.F8_E4M3 ? NumberFormats.E4M3_MAX : 1;
    for (long i = 0; i < (long) size * size; i++) {
      NumberFormats.write(data, dtype, i, (float) (2 * random.nextDouble() - 1) * largest);
    }
    int grid = Math.ceilDiv(size, BLOCK);
    MemorySegment factors = arena.allocate(4L * grid * grid, 64);
    for (long i = 0; i < (long) grid * grid; i++) {
      NumberFormats.write(factors, DType.F32, i, 1 / largest);
    }
    BlockScale scale =
        dtype == DType.F8_E4M3 ? new BlockScale(backend.place(factors), BLOCK, BLOCK, grid) : null;
    weight = Weight.dense("w", dtype, size, size, backend.place(data), scale);
    Workspace space = new Workspace(backend, tokens, 1);
    x = space.tensor("x", 1, size);
    out = space.tensor("out", 1, size);
  }

  @TearDown
  public void close() {
    backend.close();
    arena.close();
  }

  @Benchmark
  public void matmul() {
    backend.ops().matmul(out, x, weight);
  }
}
