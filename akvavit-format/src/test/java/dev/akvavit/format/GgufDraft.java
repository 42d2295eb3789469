package dev.akvavit.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A small valid GGUF file in parts, each of which a test may spoil before the bytes are put
 * together.
 */
final class GgufDraft {
  /** A count or a length that is what there is. */
  private static final long HONEST = Long.MIN_VALUE + 1;

  /** A key and its value's bytes, type included. */
  static final class Pair {
    byte[] key;
    byte[] value;
    long keyLength = HONEST;

    Pair(String key, byte[] value) {
      this.key = utf8(key);
      this.value = value;
    }

    private void writeTo(ByteArrayOutputStream out) {
      out.writeBytes(u64(keyLength == HONEST ? key.length : keyLength));
      out.writeBytes(key);
      out.writeBytes(value);
    }
  }

  /** A row of the table of tensors; shape as the file has it. */
  static final class Row {
    byte[] name;
    int dimensions;
    long[] shape;
    int type;
    long offset;
    final long bytes;

    Row(String name, int type, long offset, long bytes, long... shape) {
      this.name = utf8(name);
      this.type = type;
      this.offset = offset;
      this.bytes = bytes;
      this.shape = shape;
      dimensions = shape.length;
    }

    private void writeTo(ByteArrayOutputStream out) {
      out.writeBytes(u64(name.length));
      out.writeBytes(name);
      out.writeBytes(u32(dimensions));
      for (long size : shape) {
        out.writeBytes(u64(size));
      }
      out.writeBytes(u32(type));
      out.writeBytes(u64(offset));
    }
  }

  private static final int[][] TYPES = {
    {0, 1, 4}, {1, 1, 2}, {8, 32, 34}, {2, 32, 18}, {14, 256, 210}
  };

  byte[] magic = utf8("GGUF");
  byte[] version;
  long tensorCount = HONEST;
  long pairCount = HONEST;
  final List<Pair> pairs = new ArrayList<>();
  final List<Row> rows = new ArrayList<>();
  int alignment = 32;
  byte[] data;

  /** At least three tensors, so that one has neighbours. */
  GgufDraft(Random random) {
    version = u32(2 + random.nextInt(2));
    pairs.add(new Pair("general.architecture", text("draft")));
    pairs.add(new Pair("draft.flag", join(u32(7), new byte[] {(byte) random.nextInt(2)})));
    pairs.add(
        new Pair("draft.number", join(u32(6), u32(Float.floatToIntBits(random.nextFloat())))));
    pairs.add(new Pair("draft.count", join(u32(4), u32(random.nextInt()))));
    pairs.add(new Pair("draft.words", words(1 + random.nextInt(4))));
    pairs.add(new Pair("draft.codes", join(u32(9), u32(5), u64(3), new byte[12])));
    int count = 3 + random.nextInt(3);
    long at = 0;
    for (int i = 0; i < count; i++) {
      int[] type = TYPES[random.nextInt(TYPES.length)];
      int blocks = 1 + random.nextInt(3);
      int rowsOfTensor = 1 + random.nextInt(4);
      long bytes = (long) rowsOfTensor * blocks * type[2];
      rows.add(
          new Row(
              "blk." + i + ".weight", type[0], at, bytes, (long) blocks * type[1], rowsOfTensor));
      at = Math.ceilDiv(at + bytes, 32) * 32;
    }
    data = new byte[(int) at];
    random.nextBytes(data);
  }

  Row any(Random random) {
    return rows.get(random.nextInt(rows.size()));
  }

  Pair pair(String key) {
    return pairs.stream()
        .filter(pair -> Arrays.equals(pair.key, utf8(key)))
        .findFirst()
        .orElseThrow();
  }

  GgufDraft with(String key, byte[] value) {
    pairs.add(new Pair(key, value));
    return this;
  }

  byte[] bytes() {
    byte[] header = header();
    int padding = (int) (Math.ceilDiv(header.length, (long) alignment) * alignment) - header.length;
    return join(header, new byte[padding], data);
  }

  byte[] header() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(magic);
    out.writeBytes(version);
    out.writeBytes(u64(tensorCount == HONEST ? rows.size() : tensorCount));
    out.writeBytes(u64(pairCount == HONEST ? pairs.size() : pairCount));
    pairs.forEach(pair -> pair.writeTo(out));
    rows.forEach(row -> row.writeTo(out));
    return out.toByteArray();
  }

  static byte[] words(int count) {
    byte[] words = join(u32(9), u32(8), u64(count));
    for (int i = 0; i < count; i++) {
      words = join(words, u64(1), utf8("w"));
    }
    return words;
  }

  /** A string value, type included. */
  static byte[] text(String text) {
    return join(u32(8), u64(utf8(text).length), utf8(text));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] u32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value).array();
  }

  static byte[] u64(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value).array();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
