package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A tensor whose place in the file is checked but whose type may be one that nothing here computes
 * with: it is no reason to refuse a checkpoint until somebody asks for it.
 *
 * @param type its name in the file's format
 * @param dtype null when no kernel reads it
 * @param transposed see {@link StoredTensor#transposed}
 */
record MappedTensor(
    String name,
    String type,
    @Nullable DType dtype,
    long[] shape,
    boolean transposed,
    MemorySegment bytes,
    String file) {

  /**
   * The tensor for use.
   *
   * @throws UnsupportedModelException when no kernel reads its type
   */
  StoredTensor usable() {
    if (dtype == null) {
      String supported =
          Arrays.stream(DType.values()).map(DType::name).collect(Collectors.joining(", "));
      throw new UnsupportedModelException(file, "dtype of " + Shown.key(name), type, supported);
    }
    return new StoredTensor(name, dtype, shape, transposed, bytes, file);
  }

  MappedTensor named(String other) {
    return new MappedTensor(other, type, dtype, shape, transposed, bytes, file);
  }

  /** The same bytes as the matrix with rows and columns exchanged. */
  MappedTensor transpose() {
    long[] exchanged = {shape[1], shape[0]};
    return new MappedTensor(name, type, dtype, exchanged, !transposed, bytes, file);
  }

  /** A vector as a matrix of one row. */
  MappedTensor row() {
    return new MappedTensor(name, type, dtype, new long[] {1, shape[0]}, transposed, bytes, file);
  }

  /** Element {@code index} of the outermost dimension. */
  MappedTensor part(long index) {
    long size = bytes.byteSize() / shape[0];
    long[] inner = Arrays.copyOfRange(shape, 1, shape.length);
    MemorySegment slice = bytes.asSlice(index * size, size);
    return new MappedTensor(name, type, dtype, inner, transposed, slice, file);
  }

  /** Some of the outermost dimension, under another name. */
  MappedTensor rows(String other, long from, long count) {
    long size = bytes.byteSize() / shape[0];
    long[] fewer = shape.clone();
    fewer[0] = count;
    MemorySegment slice = bytes.asSlice(from * size, count * size);
    return new MappedTensor(other, type, dtype, fewer, transposed, slice, file);
  }
}
