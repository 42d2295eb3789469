package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, TensorFile.Entry> entries = new LinkedHashMap<>();

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
    for (long size : shape) {
      if (size < 1) {
        throw new IllegalArgumentException(name + ": size " + size + " must be at least 1");
      }
    }
    TensorFile.Entry entry = TensorFile.Entry.of(name, dtype, source, shape);
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
    TensorFile.write(file, this::write);
  }

  private void write(TensorFile out) throws IOException {
    List<TensorFile.Entry> ordered =
        entries.values().stream()
            .sorted(Comparator.comparingLong(entry -> -entry.dtype().bytes(1)))
            .toList();
    byte[] header = header(ordered);
    int padding = -(Long.BYTES + header.length) & DATA_ALIGNMENT - 1;
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(0, header.length + padding));
    out.write(ByteBuffer.wrap(header));
    out.write(ByteBuffer.wrap(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII)));
    for (TensorFile.Entry entry : ordered) {
      out.write(entry);
    }
  }

  private byte[] header(List<TensorFile.Entry> ordered) {
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
      for (TensorFile.Entry entry : ordered) {
        out.writeObjectPropertyStart(entry.name());
        out.writeStringProperty("dtype", entry.dtype().name());
        out.writeName("shape").writeArray(entry.shape(), 0, entry.shape().length);
        out.writeName("data_offsets")
            .writeArray(new long[] {begin, begin + entry.byteSize()}, 0, 2);
        out.writeEndObject();
        begin += entry.byteSize();
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
