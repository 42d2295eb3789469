package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.UnsupportedModelException;
import java.lang.foreign.MemorySegment;

/**
 * A tensor whose place in the file is checked but whose type may be one that nothing here computes
 * with: it is no reason to refuse a checkpoint until somebody asks for it.
 */
record MappedTensor(String name, StoredType type, long[] shape, MemorySegment bytes, String file) {
  /**
   * The tensor for use.
   *
   * @throws UnsupportedModelException when no kernel reads its type
   */
  StoredTensor usable() {
    DType dtype = type.dtype();
    if (dtype == null) {
      throw new UnsupportedModelException(
          file, "dtype of " + Shown.key(name), type.name(), StoredType.supported());
    }
    return new StoredTensor(name, dtype, shape, bytes, file);
  }
}
