package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor as it lies in a file: row-major, little-endian, read-only, and possibly at an odd
 * address, so that elements are read through unaligned layouts.
 *
 * @param shape sizes, outermost first; empty for a single value
 * @param transposed whether the bytes of this matrix lie column by column, as GGUF keeps GPT-2's
 * @param bytes exactly {@code dtype.bytes(elements())} mapped bytes
 * @param file where it lies, for messages
 */
public record StoredTensor(
    String name, DType dtype, long[] shape, boolean transposed, MemorySegment bytes, String file) {
  public StoredTensor {
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Product of the shape. */
  public long elements() {
    long elements = 1;
    for (long size : shape) {
      elements *= size; // multiplied exactly when the header was read
    }
    return elements;
  }

  /** Whether the shape is exactly this. */
  public boolean is(long... sizes) {
    return Arrays.equals(shape, sizes);
  }

  @Override
  public String toString() {
    return name + " " + dtype + " " + Arrays.toString(shape);
  }
}
