package dev.akvavit.format;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes a safetensors file tensor by tensor: only one need be in memory at a time.
 *
 * <p>The widest elements come first and the data begins at a multiple of 64, so that every tensor
 * is aligned to its element. The file appears under its name only when it is complete and on the
 * disk.
 */
public final class SafetensorsWriter {
  private static final int DATA_ALIGNMENT = 64;
  private static final int CHUNK = 1 << 20;

  private record Entry(String name, DType dtype, long[] shape, long byteSize, ByteSource source) {}

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** A note for readers of the header; loaders ignore it. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Announces a tensor.
   *
   * @param source asked once, when its turn comes; little-endian, exactly as many bytes as type and
   *     shape demand
   * @param shape sizes of at least 1, outermost first; none for a single value
   * @throws IllegalArgumentException for a name that is taken, a size below 1, or a type that only
   *     GGUF knows
   */
  public SafetensorsWriter add(String name, DType dtype, ByteSource source, long... shape) {
    if (dtype.quantised()) {
      throw new IllegalArgumentException(name + ": safetensors has no type " + dtype);
    }
    long elements = 1;
    for (long size : shape) {
      if (size < 1) {
        throw new IllegalArgumentException(name + ": size " + size + " must be at least 1");
      }
      elements = Math.multiplyExact(elements, size);
    }
    Entry entry = new Entry(name, dtype, shape.clone(), dtype.bytes(elements), source);
    if (name.equals(SafetensorsHeader.METADATA) || entries.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException(name + " is taken");
    }
    return this;
  }

  /** Announces values that are rounded to {@code dtype} when their turn comes. */
  public SafetensorsWriter add(String name, DType dtype, float[] values, long... shape) {
    return add(name, dtype, sink -> sink.write(narrowed(dtype, values)), shape);
  }

  /**
   * Writes the file, replacing one of the same name.
   *
   * @throws IllegalArgumentException when a tensor's bytes are not as long as announced
   */
  public void write(Path file) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      try {
        try (FileChannel channel = FileChannel.open(part, CREATE, TRUNCATE_EXISTING, WRITE)) {
          write(channel);
          channel.force(true);
        }
        Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part); // there only after a failure
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private void write(FileChannel channel) throws IOException {
    List<Entry> ordered =
        entries.values().stream()
            .sorted(Comparator.comparingLong(entry -> -entry.dtype.bytes(1)))
            .toList();
    byte[] header = header(ordered);
    int padding = -(Long.BYTES + header.length) & DATA_ALIGNMENT - 1;
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(channel, length.putLong(0, header.length + padding));
    writeFully(channel, ByteBuffer.wrap(header));
    writeFully(channel, ByteBuffer.wrap(" ".repeat(padding).getBytes()));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chunk = arena.allocate(CHUNK);
      for (Entry entry : ordered) {
        write(channel, entry, chunk);
      }
    }
  }

  private static void write(FileChannel channel, Entry entry, MemorySegment chunk)
      throws IOException {
    long begin = channel.position();
    entry.source.writeTo(bytes -> {
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        int count = (int) Math.min(CHUNK, bytes.byteSize() - at);
        MemorySegment.copy(bytes, at, chunk, 0, count);
        writeFully(channel, chunk.asSlice(0, count).asByteBuffer());
      }
    });
    long written = channel.position() - begin;
    if (written != entry.byteSize) {
      throw new IllegalArgumentException(
          entry.name + ": " + written + " bytes given, " + entry.byteSize + " announced");
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private byte[] header(List<Entry> ordered) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out =
        JsonFactory.builder()
            .build()
            .createGenerator(ObjectWriteContext.empty(), json, JsonEncoding.UTF8)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectPropertyStart(SafetensorsHeader.METADATA);
        metadata.forEach(out::writeStringProperty);
        out.writeEndObject();
      }
      long begin = 0;
      for (Entry entry : ordered) {
        out.writeObjectPropertyStart(entry.name);
        out.writeStringProperty("dtype", entry.dtype.name());
        out.writeName("shape").writeArray(entry.shape, 0, entry.shape.length);
        out.writeName("data_offsets").writeArray(new long[] {begin, begin + entry.byteSize}, 0, 2);
        out.writeEndObject();
        begin += entry.byteSize;
      }
      out.writeEndObject();
    }
    return json.toByteArray();
  }

  private static MemorySegment narrowed(DType dtype, float[] values) {
    MemorySegment bytes = Arena.ofAuto().allocate(dtype.bytes(values.length));
    for (int i = 0; i < values.length; i++) {
      NumberFormats.write(bytes, dtype, i, values[i]);
    }
    return bytes;
  }
}
