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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Weights that are asked for and made up on the spot: real sizes and real speed, no sense. Every
 * matrix repeats one block of random values with a spread of {@code 1 / sqrt(in)}, so that
 * activations stay of order one.
 *
 * <p>Rows that are no whole number of a type's blocks get the next best type, and MLA's halves of
 * {@code kv_b} come apart where blocks are asked for, as GGUF has them.
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
  private final Map<DType, Integer> matrices = new EnumMap<>(DType.class);
  private final List<MemorySegment> segments = new ArrayList<>();
  private long bytes;

  RandomWeights(Backend backend, DType dtype) {
    this.backend = backend;
    this.dtype = dtype;
  }

  /** Bytes of all weights so far. */
  long bytes() {
    return bytes;
  }

  /** How many matrices have each type so far. */
  Map<DType, Integer> matrices() {
    return matrices;
  }

  /** The bytes of all weights so far. */
  List<MemorySegment> segments() {
    return segments;
  }

  @Override
  public boolean has(String name) {
    return dtype.quantised() && name.endsWith(".k_b_proj.weight");
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    DType type = typeOfRows(in);
    matrices.merge(type, 1, Integer::sum);
    MemorySegment data = segment(type.bytes((long) out * in));
    float spread = (float) Math.sqrt(3.0 / in);
    long block = Math.min(data.byteSize(), type.bytes(BLOCK));
    fill(data.asSlice(0, block), type, spread);
    for (long at = block; at < data.byteSize(); at += block) {
      MemorySegment.copy(data, 0, data, at, Math.min(block, data.byteSize() - at));
    }
    return Weight.dense(
        name,
        type,
        out,
        in,
        backend.placeMatrix(data, type, in),
        type == DType.F8_E4M3 ? scale(out, in, spread) : null);
  }

  /** The type asked for, else one of shorter blocks, else one without. */
  private DType typeOfRows(int in) {
    if (in % dtype.blockElements() == 0) {
      return dtype;
    }
    DType next = dtype == DType.Q4_K ? DType.Q5_0 : DType.Q8_0;
    return in % next.blockElements() == 0 ? next : DType.BF16;
  }

  private void fill(MemorySegment block, DType type, float spread) {
    if (type.quantised()) {
      RandomBlocks.fill(block, type, spread / (float) Math.sqrt(3), random);
      return;
    }
    float largest = type == DType.F8_E4M3 ? NumberFormats.E4M3_MAX : spread;
    long values = block.byteSize() / type.bytes(1);
    for (long i = 0; i < values; i++) {
      NumberFormats.write(block, type, i, (float) (2 * random.nextDouble() - 1) * largest);
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
    MemorySegment segment = arena.allocate(size, 64);
    segments.add(segment);
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
