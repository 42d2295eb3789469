package dev.akvavit.format;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the keys and values at the head of a GGUF file. */
final class GgufValues {
  static final int UINT8 = 0;
  static final int INT8 = 1;
  static final int UINT16 = 2;
  static final int INT16 = 3;
  static final int UINT32 = 4;
  static final int INT32 = 5;
  static final int FLOAT32 = 6;
  static final int BOOL = 7;
  static final int STRING = 8;
  static final int ARRAY = 9;
  static final int UINT64 = 10;
  static final int INT64 = 11;
  static final int FLOAT64 = 12;

  /** Bytes of an element by type; 0 where they vary. */
  private static final int[] WIDTH = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  private static final int NESTED = 2;

  private final GgufCursor in;
  private final Map<String, Json> scalars = new LinkedHashMap<>();
  private final Map<String, GgufArray> arrays = new LinkedHashMap<>();

  private GgufValues(GgufCursor in) {
    this.in = in;
  }

  /** Reads {@code count} pairs. */
  static GgufMetadata read(GgufCursor in, long count) {
    GgufValues values = new GgufValues(in);
    for (long i = 0; i < count; i++) {
      values.pair(i);
    }
    return new GgufMetadata(in.file(), values.scalars, values.arrays);
  }

  private void pair(long index) {
    String key = in.text("key " + index, 1, in.limits().keyBytes());
    String field = Shown.key(key);
    if (scalars.containsKey(key) || arrays.containsKey(key)) {
      throw in.malformed(field, "the key twice", "each key once");
    }
    int type = type(field);
    if (type == ARRAY) {
      arrays.put(key, array(field, 1));
    } else {
      scalars.put(key, scalar(field, type));
    }
  }

  private int type(String field) {
    int type = in.i32(field + " (type)");
    if (type < 0 || type >= WIDTH.length) {
      throw in.malformed(field + " (type)", Integer.toUnsignedString(type), "0 to 12");
    }
    return type;
  }

  private Json scalar(String field, int type) {
    return switch (type) {
      case UINT8 -> whole(in.i8(field) & 0xFF);
      case INT8 -> whole(in.i8(field));
      case UINT16 -> whole(in.i16(field) & 0xFFFF);
      case INT16 -> whole(in.i16(field));
      case UINT32 -> whole(in.i32(field) & 0xFFFF_FFFFL);
      case INT32 -> whole(in.i32(field));
      case INT64 -> whole(in.i64(field));
      case UINT64 -> {
        String literal = Long.toUnsignedString(in.i64(field));
        yield new Json.Number(literal, Double.parseDouble(literal));
      }
      // By way of its shortest decimal form: 1e-5f means 1e-5, as the config it came from said.
      case FLOAT32 -> real(field, Float.toString(Float.intBitsToFloat(in.i32(field))));
      case FLOAT64 -> real(field, Double.toString(Double.longBitsToDouble(in.i64(field))));
      case BOOL -> flag(field, in.i8(field));
      default -> new Json.Text(in.text(field, 0, in.limits().stringBytes()));
    };
  }

  private static Json whole(long value) {
    return new Json.Number(Long.toString(value), value);
  }

  private Json real(String field, String literal) {
    double value = Double.parseDouble(literal);
    if (!Double.isFinite(value)) {
      throw in.malformed(field, literal, "a finite number");
    }
    return new Json.Number(literal, value);
  }

  private Json flag(String field, byte code) {
    if (code != 0 && code != 1) {
      throw in.malformed(field, Integer.toString(code & 0xFF), "0 or 1");
    }
    return new Json.Flag(code == 1);
  }

  private GgufArray array(String field, int depth) {
    int type = type(field);
    int width = WIDTH[type];
    int least = width == 0 ? 8 : width; // strings and arrays begin with their length
    long count = in.countThatFits(field + " (elements)", in.limits().arrayElements(), least);
    long from = in.at();
    if (type == STRING) {
      for (long i = 0; i < count; i++) {
        in.skipText(field);
      }
    } else if (type == ARRAY) {
      if (depth == NESTED) {
        throw in.malformed(field, "arrays in arrays in arrays", "a depth of " + NESTED);
      }
      for (long i = 0; i < count; i++) {
        array(field, depth + 1);
      }
    } else {
      in.skip(field, count * width);
    }
    return new GgufArray(in.file(), field, type, (int) count, in.slice(from));
  }
}
