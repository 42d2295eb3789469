package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a GGUF file (version 3) tensor by tensor: a tensor gives its bytes piece by piece, so
 * memory stays bounded whatever it holds. The file appears under its name only when it is complete
 * and on the disk.
 */
public final class GgufWriter {
  private static final int ALIGNMENT = 32;

  private final Map<String, byte[]> metadata = new LinkedHashMap<>();
  private final Map<String, TensorFile.Entry> entries = new LinkedHashMap<>();

  public GgufWriter text(String key, String value) {
    ByteArrayOutputStream out = typed(GgufValues.STRING);
    putText(out, value);
    return pair(key, out);
  }

  /** An unsigned 32-bit number. */
  public GgufWriter integer(String key, int value) {
    ByteArrayOutputStream out = typed(GgufValues.UINT32);
    putInt(out, value);
    return pair(key, out);
  }

  /** A 32-bit float. */
  public GgufWriter number(String key, double value) {
    ByteArrayOutputStream out = typed(GgufValues.FLOAT32);
    putInt(out, Float.floatToRawIntBits((float) value));
    return pair(key, out);
  }

  public GgufWriter flag(String key, boolean value) {
    ByteArrayOutputStream out = typed(GgufValues.BOOL);
    out.write(value ? 1 : 0);
    return pair(key, out);
  }

  public GgufWriter texts(String key, List<String> values) {
    ByteArrayOutputStream out = array(GgufValues.STRING, values.size());
    values.forEach(value -> putText(out, value));
    return pair(key, out);
  }

  public GgufWriter integers(String key, int[] values) {
    ByteArrayOutputStream out = array(GgufValues.INT32, values.length);
    for (int value : values) {
      putInt(out, value);
    }
    return pair(key, out);
  }

  public GgufWriter flags(String key, boolean[] values) {
    ByteArrayOutputStream out = array(GgufValues.BOOL, values.length);
    for (boolean value : values) {
      out.write(value ? 1 : 0);
    }
    return pair(key, out);
  }

  public GgufWriter floats(String key, float[] values) {
    ByteArrayOutputStream out = array(GgufValues.FLOAT32, values.length);
    for (float value : values) {
      putInt(out, Float.floatToRawIntBits(value));
    }
    return pair(key, out);
  }

  /** Takes over every key of another file that begins so. */
  public GgufWriter copy(GgufMetadata from, String prefix) {
    for (String key : from.keys()) {
      if (key.startsWith(prefix)) {
        raw(key, from.typed(key));
      }
    }
    return this;
  }

  private GgufWriter raw(String key, byte[] typeAndValue) {
    metadata.put(key, typeAndValue);
    return this;
  }

  /**
   * Announces a tensor.
   *
   * @param source asked once, when its turn comes
   * @param shape sizes, outermost first
   * @throws IllegalArgumentException for a name that is taken, or rows of no whole number of blocks
   */
  public GgufWriter add(String name, DType dtype, ByteSource source, long... shape) {
    long row = shape[shape.length - 1];
    if (row % dtype.blockElements() != 0) {
      throw new IllegalArgumentException(
          name + ": rows of " + row + " are no whole " + dtype + " blocks");
    }
    if (entries.putIfAbsent(name, TensorFile.Entry.of(name, dtype, source, shape)) != null) {
      throw new IllegalArgumentException(name + " is taken");
    }
    return this;
  }

  /** Bytes of an announced tensor. */
  long bytes(String name) {
    return Objects.requireNonNull(entries.get(name), name).byteSize();
  }

  /** Announces a tensor whose bytes are there already. */
  public GgufWriter add(String name, DType dtype, MemorySegment bytes, long... shape) {
    return add(name, dtype, sink -> sink.write(bytes), shape);
  }

  /**
   * Writes the file, replacing one of the same name.
   *
   * @throws IllegalArgumentException when a tensor's bytes are not as many as announced
   */
  public void write(Path file) {
    TensorFile.write(file, this::write);
  }

  private void write(TensorFile out) throws IOException {
    out.write(ByteBuffer.wrap(header()));
    for (TensorFile.Entry entry : entries.values()) {
      out.pad(ALIGNMENT);
      out.write(entry);
    }
    out.pad(ALIGNMENT);
  }

  private byte[] header() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    putInt(out, 3);
    putLong(out, entries.size());
    putLong(out, metadata.size());
    metadata.forEach((key, value) -> {
      putText(out, key);
      out.writeBytes(value);
    });
    long offset = 0;
    for (TensorFile.Entry entry : entries.values()) {
      putText(out, entry.name());
      putInt(out, entry.shape().length);
      for (int i = entry.shape().length - 1; i >= 0; i--) {
        putLong(out, entry.shape()[i]);
      }
      putInt(out, GgufType.of(entry.dtype()).code);
      putLong(out, offset);
      offset += Math.ceilDiv(entry.byteSize(), ALIGNMENT) * ALIGNMENT;
    }
    return out.toByteArray();
  }

  private GgufWriter pair(String key, ByteArrayOutputStream value) {
    return raw(key, value.toByteArray());
  }

  static byte[] typed(Json scalar) {
    ByteArrayOutputStream out;
    switch (scalar) {
      case Json.Text text -> {
        out = typed(GgufValues.STRING);
        putText(out, text.value());
      }
      case Json.Flag flag -> {
        out = typed(GgufValues.BOOL);
        out.write(flag.value() ? 1 : 0);
      }
      case Json.Number number -> {
        double value = number.value();
        if (value != Math.rint(value) || number.literal().contains(".")) {
          out = typed(GgufValues.FLOAT64);
          putLong(out, Double.doubleToRawLongBits(value));
        } else if (value >= 0 && value < 0x1p32) {
          out = typed(GgufValues.UINT32);
          putInt(out, (int) (long) value);
        } else {
          out = typed(value < 0 ? GgufValues.INT64 : GgufValues.UINT64);
          putLong(
              out,
              value < 0
                  ? Long.parseLong(number.literal())
                  : Long.parseUnsignedLong(number.literal()));
        }
      }
      default -> throw new IllegalArgumentException(scalar + " is no single value");
    }
    return out.toByteArray();
  }

  static byte[] typed(GgufArray array) {
    ByteArrayOutputStream out = array(array.type(), array.count());
    out.writeBytes(array.bytes().toArray(ValueLayout.JAVA_BYTE));
    return out.toByteArray();
  }

  private static ByteArrayOutputStream typed(int type) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    putInt(out, type);
    return out;
  }

  private static ByteArrayOutputStream array(int type, int count) {
    ByteArrayOutputStream out = typed(GgufValues.ARRAY);
    putInt(out, type);
    putLong(out, count);
    return out;
  }

  private static void putText(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    putLong(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void putInt(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value).array());
  }

  private static void putLong(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value).array());
  }
}
