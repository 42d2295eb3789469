package dev.akvavit.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A small valid safetensors file in parts, each of which a test may spoil before the bytes are put
 * together. Fields are JSON text, not values, so that they can be anything.
 */
final class SafetensorsDraft {
  static final class Row {
    String name;
    String dtype;
    String shape;
    String offsets;
    String more = "";
    final long elements;
    final long begin;
    final long end;

    private Row(String name, String dtype, String shape, long elements, long begin, long end) {
      this.name = '"' + name + '"';
      this.dtype = '"' + dtype + '"';
      this.shape = shape;
      this.elements = elements;
      this.begin = begin;
      this.end = end;
      this.offsets = "[" + begin + ", " + end + "]";
    }

    /** The same bytes under another name. */
    Row twin(String other) {
      Row twin = new Row(other, "", shape, elements, begin, end);
      twin.dtype = dtype;
      return twin;
    }

    private String json() {
      return name + ": " + fields();
    }

    private String fields() {
      return "{\"dtype\": "
          + dtype
          + ", \"shape\": "
          + shape
          + ", \"data_offsets\": "
          + offsets
          + more
          + "}";
    }
  }

  private static final String[] TYPES = {"F32", "F16", "BF16", "F8_E4M3", "I32", "I64", "BOOL"};
  private static final int[] WIDTHS = {4, 2, 2, 1, 4, 8, 1};

  final List<Row> rows = new ArrayList<>();
  String before = "{";
  String metadata = "\"__metadata__\": {\"format\": \"pt\"}";
  String after = "}";
  byte[] data;

  /** At least three tensors, so that a hole has neighbours. */
  SafetensorsDraft(Random random) {
    int count = 3 + random.nextInt(4);
    long at = 0;
    for (int i = 0; i < count; i++) {
      int type = random.nextInt(TYPES.length);
      int rowsOfTensor = 1 + random.nextInt(5);
      int columns = 1 + random.nextInt(5);
      long end = at + (long) rowsOfTensor * columns * WIDTHS[type];
      String shape = "[" + rowsOfTensor + ", " + columns + "]";
      long elements = (long) rowsOfTensor * columns;
      rows.add(new Row("layers." + i + ".weight", TYPES[type], shape, elements, at, end));
      at = end;
    }
    data = new byte[(int) at];
    random.nextBytes(data);
  }

  Row any(Random random) {
    return rows.get(random.nextInt(rows.size()));
  }

  /** A tensor that has one before it and one after it. */
  Row inner(Random random) {
    return rows.get(1 + random.nextInt(rows.size() - 2));
  }

  String header() {
    String table = rows.stream().map(Row::json).collect(Collectors.joining(", "));
    return before + metadata + (metadata.isEmpty() || table.isEmpty() ? "" : ", ") + table + after;
  }

  byte[] bytes() {
    return bytes(header());
  }

  byte[] bytes(String header) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return bytes(json.length, json);
  }

  byte[] bytes(long length, byte[] json) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length).array());
    out.writeBytes(json);
    out.writeBytes(data);
    return out.toByteArray();
  }
}
