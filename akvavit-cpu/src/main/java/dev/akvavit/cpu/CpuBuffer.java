package dev.akvavit.cpu;

import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Host memory outside the heap; it lives as long as its backend's or its file's arena.
 *
 * @param interleaved the same rows once more, as {@link InterleavedRows} has them
 */
record CpuBuffer(MemorySegment bytes, @Nullable MemorySegment interleaved) implements Buffer {
  CpuBuffer(MemorySegment bytes) {
    this(bytes, null);
  }

  static MemorySegment of(Buffer buffer) {
    return ((CpuBuffer) buffer).bytes;
  }

  /** The bytes under a tensor of F32 activations. */
  static MemorySegment of(Tensor tensor) {
    return of(tensor.buffer());
  }

  /** Byte offset of {@code (row, head, 0)} of F32 activations. */
  static long at(Tensor tensor, int row, int head) {
    return tensor.at(row, head) * Float.BYTES;
  }

  /** Byte offset of {@code (row, head, 0)} of a cache plane of any type. */
  static long cachedAt(Tensor plane, int slot, int head) {
    return plane.dtype().bytes(plane.at(slot, head));
  }

  /** The bytes under a vector of F32 parameters. */
  static MemorySegment vector(dev.akvavit.core.Weight w) {
    if (w.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          w.name() + " is " + w.dtype() + "; norms and biases must be F32");
    }
    return of(w.data());
  }

  @Override
  public long byteSize() {
    return bytes.byteSize();
  }

  /**
   * Does nothing: memory returns when the arena closes, which no running step can then be reading.
   */
  @Override
  public void close() {}
}
