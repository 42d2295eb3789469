package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Weights that are asked for and made up on the spot: real sizes and real speed, no sense. Every
 * matrix repeats one block of random values with a spread of {@code 1 / sqrt(in)}, so that
 * activations stay of order one.
 */
final class RandomWeights implements Weights, AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = 1 << 16; // values that repeat
  private static final int SCALE_BLOCK = 128;

  private final Backend backend;
  private final DType dtype;
  private final Arena arena = Arena.ofShared();
  private final SplittableRandom random = new SplittableRandom(1);
  private long bytes;

  RandomWeights(Backend backend, DType dtype) {
    this.backend = backend;
    this.dtype = dtype;
  }

  /** Bytes of all weights so far. */
  long bytes() {
    return bytes;
  }

  @Override
  public boolean has(String name) {
    return false;
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    MemorySegment data = segment(dtype.bytes((long) out * in));
    float spread = (float) Math.sqrt(3.0 / in);
    long block = Math.min(data.byteSize(), dtype.bytes(BLOCK));
    fill(data.asSlice(0, block), spread);
    for (long at = block; at < data.byteSize(); at += block) {
      MemorySegment.copy(data, 0, data, at, Math.min(block, data.byteSize() - at));
    }
    return Weight.dense(
        name,
        dtype,
        out,
        in,
        backend.place(data),
        dtype == DType.F8_E4M3 ? scale(out, in, spread) : null);
  }

  private void fill(MemorySegment block, float spread) {
    float largest = dtype == DType.F8_E4M3 ? NumberFormats.E4M3_MAX : spread;
    long values = block.byteSize() / dtype.bytes(1);
    for (long i = 0; i < values; i++) {
      NumberFormats.write(block, dtype, i, (float) (2 * random.nextDouble() - 1) * largest);
    }
  }

  private BlockScale scale(int out, int in, float spread) {
    int rows = Math.ceilDiv(out, SCALE_BLOCK);
    int columns = Math.ceilDiv(in, SCALE_BLOCK);
    MemorySegment factors = segment(4L * rows * columns);
    for (long i = 0; i < (long) rows * columns; i++) {
      factors.set(FLOAT, 4 * i, spread / NumberFormats.E4M3_MAX);
    }
    return new BlockScale(backend.place(factors), SCALE_BLOCK, SCALE_BLOCK, columns);
  }

  @Override
  public Weight stack(String name, int heads, int out, int in) {
    return matrix(name, heads * out, in).split(heads);
  }

  /** Ones for gains; biases are small. */
  @Override
  public Weight vector(String name, int n) {
    MemorySegment data = segment(4L * n);
    boolean gain = name.endsWith(".weight");
    for (int i = 0; i < n; i++) {
      data.set(FLOAT, 4L * i, gain ? 1 : (float) (0.01 * random.nextDouble()));
    }
    Buffer buffer = backend.place(data);
    return Weight.vector(name, n, buffer);
  }

  private MemorySegment segment(long size) {
    bytes = Math.addExact(bytes, size);
    return arena.allocate(size, 64);
  }

  @Override
  public void close() {
    arena.close();
  }
}
