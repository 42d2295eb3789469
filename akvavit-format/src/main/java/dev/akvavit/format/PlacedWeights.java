package dev.akvavit.format;

import dev.akvavit.core.Backend;
import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's tensors on a backend: matrices lie where the file is mapped unless the backend
 * repacks them, vectors and block factors are widened to F32, and each is placed once however often
 * it is asked for.
 *
 * <p>An FP8 matrix {@code x.weight} comes with {@code x.weight_scale_inv}: one factor for each
 * block of {@code quantization_config.weight_block_size}, or one for all. Despite its name the
 * factor multiplies (DeepSeek-V3, {@code inference/kernel.py}, {@code weight_dequant}).
 */
public final class PlacedWeights implements Weights, AutoCloseable {
  private static final String FLOATS = "floating-point and quantised types";

  private final Checkpoint checkpoint;
  private final Backend backend;
  private final Fp8Blocks blocks;
  private final Map<String, Buffer> stored = new HashMap<>();
  private final Map<String, Buffer> widened = new HashMap<>();
  private final Set<String> asked = new HashSet<>();

  /**
   * Prepares to place; nothing is placed before it is asked for.
   *
   * @throws UnsupportedModelException when {@code quantization_config} names a method other than
   *     {@code fp8}
   */
  public PlacedWeights(Checkpoint checkpoint, Backend backend) {
    this.checkpoint = checkpoint;
    this.backend = backend;
    this.blocks = Fp8Blocks.of(checkpoint);
  }

  @Override
  public boolean has(String name) {
    return checkpoint.has(name);
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    StoredTensor tensor = ofShape(name, out, in);
    if (tensor.transposed()) {
      return Weight.dense(name, tensor.dtype(), in, out, stored(tensor), null).transpose();
    }
    Buffer data = multiplied(tensor, in);
    return Weight.dense(name, tensor.dtype(), out, in, data, scale(tensor, out, in));
  }

  @Override
  public Weight table(String name, int rows, int columns) {
    StoredTensor tensor = ofShape(name, rows, columns);
    if (tensor.transposed() || tensor.dtype() == DType.F8_E4M3) {
      return matrix(name, rows, columns);
    }
    return Weight.dense(name, tensor.dtype(), rows, columns, stored(tensor), null);
  }

  private StoredTensor ofShape(String name, int rows, int columns) {
    String required = "[" + rows + ", " + columns + "]";
    StoredTensor tensor = tensor(name, required);
    if (!tensor.is(rows, columns)) {
      throw wrongShape(tensor, required);
    }
    requireFloats(tensor);
    return tensor;
  }

  @Override
  public Weight stack(String name, int heads, int out, int in) {
    String required = "[" + heads + ", " + out + ", " + in + "]";
    StoredTensor tensor = tensor(name, required);
    boolean flat = tensor.is((long) heads * out, in);
    if (!flat && !tensor.is(heads, out, in)) {
      throw wrongShape(tensor, required + " or [" + (long) heads * out + ", " + in + "]");
    }
    requireFloats(tensor);
    if (!flat && tensor.dtype() == DType.F8_E4M3) {
      throw new UnsupportedModelException(
          tensor.file(), "FP8 tensor " + name, "three dimensions", "two, with a grid of factors");
    }
    BlockScale scale = scale(tensor, (long) heads * out, in);
    Buffer data = multiplied(tensor, in);
    return new Weight(name, tensor.dtype(), heads, out, in, false, in, 0, out, out, data, scale);
  }

  @Override
  public Weight vector(String name, int n) {
    StoredTensor tensor = tensor(name, "[" + n + "]");
    if (!tensor.is(n)) {
      throw wrongShape(tensor, "[" + n + "]");
    }
    requireFloats(tensor);
    if (tensor.dtype() == DType.F8_E4M3) {
      throw new UnsupportedModelException(
          tensor.file(), "dtype of vector " + name, "F8_E4M3", "F32, F16, BF16");
    }
    return Weight.vector(name, n, widened(tensor));
  }

  /**
   * Tensors that nothing asked for, in file order: what the model leaves out, MTP layers for
   * example.
   */
  public Set<String> unused() {
    Set<String> unused = new LinkedHashSet<>(checkpoint.names());
    unused.removeAll(asked);
    return unused;
  }

  /** Gives back what was placed; the checkpoint stays open. */
  @Override
  public void close() {
    stored.values().forEach(Buffer::close);
    widened.values().forEach(Buffer::close);
    stored.clear();
    widened.clear();
  }

  private StoredTensor tensor(String name, String required) {
    asked.add(name);
    if (!checkpoint.has(name)) {
      throw new MalformedFileException(checkpoint.origin(), name, "absent", "a tensor " + required);
    }
    return checkpoint.tensor(name);
  }

  private @Nullable BlockScale scale(StoredTensor weight, long rows, int columns) {
    if (weight.dtype() != DType.F8_E4M3) {
      return null;
    }
    StoredTensor factors = tensor(blocks.nameOf(checkpoint, weight), blocks.grid(rows, columns));
    requireFloats(factors);
    return blocks.scale(factors, rows, columns, widened(factors));
  }

  private Buffer stored(StoredTensor tensor) {
    return stored.computeIfAbsent(tensor.name(), name -> backend.place(tensor.bytes()));
  }

  private Buffer multiplied(StoredTensor tensor, int columns) {
    return stored.computeIfAbsent(
        tensor.name(), name -> backend.placeMatrix(tensor.bytes(), tensor.dtype(), columns));
  }

  private Buffer widened(StoredTensor tensor) {
    return widened.computeIfAbsent(tensor.name(), name -> backend.place(toFloats(tensor)));
  }

  private static MemorySegment toFloats(StoredTensor tensor) {
    long elements = tensor.elements();
    // Collected when the backend lets go of it: at once when it uploads, with the model when it
    // wraps.
    MemorySegment floats = Arena.ofAuto().allocate(DType.F32.bytes(elements), 64);
    if (tensor.dtype() == DType.F32) {
      return floats.copyFrom(tensor.bytes());
    }
    for (long i = 0; i < elements; i++) {
      float value = NumberFormats.read(tensor.bytes(), tensor.dtype(), i);
      NumberFormats.write(floats, DType.F32, i, value);
    }
    return floats;
  }

  private static void requireFloats(StoredTensor tensor) {
    if (tensor.dtype() == DType.I32 || tensor.dtype() == DType.I64) {
      throw new UnsupportedModelException(
          tensor.file(), "dtype of weight " + tensor.name(), tensor.dtype().name(), FLOATS);
    }
  }

  private static MalformedFileException wrongShape(StoredTensor tensor, String required) {
    return new MalformedFileException(
        tensor.file(), "shape of " + tensor.name(), Arrays.toString(tensor.shape()), required);
  }
}
