package dev.akvavit.format;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.akvavit.core.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of tensors being written: one need be in memory at a time, and its bytes are held against
 * what was announced. The file appears under its name only when it is complete and on the disk.
 */
final class TensorFile implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  /** A tensor to be written. */
  record Entry(String name, DType dtype, long[] shape, long byteSize, ByteSource source) {
    Entry {
      shape = shape.clone();
    }

    /**
     * @throws ArithmeticException when its bytes are more than a {@code long} counts
     */
    static Entry of(String name, DType dtype, ByteSource source, long... shape) {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      return new Entry(name, dtype, shape, dtype.bytes(elements), source);
    }
  }

  /** Writes what a file holds. */
  interface Content {
    void writeTo(TensorFile file) throws IOException;
  }

  private final FileChannel channel;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment chunk = arena.allocate(CHUNK);

  private TensorFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Writes a file, replacing one of the same name. */
  static void write(Path file, Content content) {
    try {
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "a folder has that name");
      }
      try (Unfinished made = Unfinished.at(file)) {
        try (FileChannel channel = FileChannel.open(made.part(), CREATE, TRUNCATE_EXISTING, WRITE);
            TensorFile to = new TensorFile(channel)) {
          content.writeTo(to);
          channel.force(true);
        }
        made.finish();
      }
    } catch (IOException e) {
      throw Unfinished.failure(file, e);
    }
  }

  /** Writes bytes that belong to no tensor. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Writes zeros up to a multiple of {@code alignment}. */
  void pad(int alignment) throws IOException {
    write(ByteBuffer.allocate((int) (-channel.position() & alignment - 1)));
  }

  /**
   * Writes a tensor.
   *
   * @throws IllegalArgumentException when its bytes are not as many as announced
   */
  void write(Entry entry) throws IOException {
    long begin = channel.position();
    entry.source.writeTo(bytes -> {
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        long count = Math.min(CHUNK, bytes.byteSize() - at);
        MemorySegment.copy(bytes, at, chunk, 0, count); // whatever array they may lie in
        write(chunk.asSlice(0, count).asByteBuffer());
      }
    });
    long written = channel.position() - begin;
    if (written != entry.byteSize) {
      throw new IllegalArgumentException(
          entry.name + ": " + written + " bytes given, " + entry.byteSize + " announced");
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
