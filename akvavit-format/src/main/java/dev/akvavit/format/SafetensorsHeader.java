package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * The JSON table of a safetensors file, read as a stream and believed only as far as the file's
 * length bears it out.
 *
 * <p>The format allows exactly one reading of a file (safetensors README, "Format"; the audit of
 * 2023 closed the last gap): the tensors' byte ranges, put in order, begin at 0, follow each other
 * without hole or overlap and end where the file ends.
 */
final class SafetensorsHeader {
  /**
   * One row of the table; {@code begin} and {@code end} count from the first byte after the header.
   */
  record Entry(String name, StoredType type, long[] shape, long begin, long end) {}

  static final String METADATA = "__metadata__";

  private final String file;
  private final Limits limits;
  private final JsonTokens tokens;

  private SafetensorsHeader(String file, Limits limits, JsonTokens tokens) {
    this.file = file;
    this.limits = limits;
    this.tokens = tokens;
  }

  /**
   * Reads the table.
   *
   * @param json the header's bytes, without the length before it
   * @param dataBytes what the file holds after the header
   * @return entries by name, in the order of their bytes
   */
  static Map<String, Entry> read(InputStream json, long dataBytes, String file, Limits limits) {
    List<Entry> entries;
    try (JsonTokens tokens = JsonTokens.of(json, file, limits)) {
      entries = new SafetensorsHeader(file, limits, tokens).entries();
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    Map<String, Entry> byName = new LinkedHashMap<>();
    long end = 0;
    for (Entry entry : entries) {
      if (entry.begin != end) {
        throw new MalformedFileException(
            file,
            field(entry.name, "data_offsets"),
            "begin " + entry.begin,
            "begin " + end + ", where the tensor before it ends");
      }
      end = entry.end;
      if (byName.put(entry.name, entry) != null) {
        throw new MalformedFileException(
            file, field(entry.name, "name"), "the name twice", "each name once");
      }
    }
    if (end != dataBytes) {
      throw new MalformedFileException(
          file,
          "data",
          dataBytes + " bytes after the header",
          end + ", the end of the last tensor");
    }
    return byName;
  }

  private List<Entry> entries() {
    require("header", tokens.next(), JsonToken.START_OBJECT);
    List<Entry> entries = new ArrayList<>();
    boolean metadata = false;
    for (JsonToken t = tokens.next(); t != JsonToken.END_OBJECT; t = tokens.next()) {
      require("header", t, JsonToken.PROPERTY_NAME);
      String name = tokens.text();
      if (!name.equals(METADATA)) {
        entries.add(entry(name));
        atMost("tensors", entries.size(), limits.tensors());
      } else if (metadata) {
        throw tokens.malformed(METADATA, "the key twice", "each key once");
      } else {
        metadata = true;
        skipMetadata();
      }
    }
    JsonToken rest = tokens.next();
    if (rest != null) {
      throw tokens.malformed("header", tokens.described(rest), "spaces after the closing brace");
    }
    return entries;
  }

  /**
   * Notes of whoever wrote the file; nothing here depends on them, but they must be what the format
   * says.
   */
  private void skipMetadata() {
    require(METADATA, tokens.next(), JsonToken.START_OBJECT);
    Map<String, Boolean> keys = new LinkedHashMap<>();
    for (JsonToken t = tokens.next(); t != JsonToken.END_OBJECT; t = tokens.next()) {
      require(METADATA, t, JsonToken.PROPERTY_NAME);
      String key = tokens.text();
      if (keys.put(key, true) != null) {
        throw tokens.malformed(field(METADATA, key), "the key twice", "each key once");
      }
      require(field(METADATA, key), tokens.next(), JsonToken.VALUE_STRING);
      tokens.text(); // a string is decoded, and judged, only when asked for
    }
  }

  private Entry entry(String name) {
    require(Shown.key(name), tokens.next(), JsonToken.START_OBJECT);
    StoredType type = null;
    long[] shape = null;
    long[] offsets = null;
    for (JsonToken t = tokens.next(); t != JsonToken.END_OBJECT; t = tokens.next()) {
      require(Shown.key(name), t, JsonToken.PROPERTY_NAME);
      String key = tokens.text();
      switch (key) {
        case "dtype" -> {
          requireFirst(name, key, type);
          type = type(name);
        }
        case "shape" -> {
          requireFirst(name, key, shape);
          shape = shape(name);
        }
        case "data_offsets" -> {
          requireFirst(name, key, offsets);
          offsets = offsets(name);
        }
        default ->
            throw tokens.malformed(
                field(name, key), "an unknown key", "dtype, shape and data_offsets");
      }
    }
    return checked(
        name,
        given(name, "dtype", type),
        given(name, "shape", shape),
        given(name, "data_offsets", offsets));
  }

  private Entry checked(String name, StoredType type, long[] shape, long[] offsets) {
    long bytes;
    try {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      bytes = type.bytes(elements);
    } catch (ArithmeticException e) {
      throw tokens.malformed(
          field(name, "shape"), Arrays.toString(shape), "a whole number of bytes below 2^63");
    }
    if (offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes) {
      throw tokens.malformed(
          field(name, "data_offsets"),
          Arrays.toString(offsets),
          bytes + " bytes, what " + type + " " + Arrays.toString(shape) + " takes");
    }
    return new Entry(name, type, shape, offsets[0], offsets[1]);
  }

  private StoredType type(String name) {
    String field = field(name, "dtype");
    require(field, tokens.next(), JsonToken.VALUE_STRING);
    StoredType type = StoredType.named(tokens.text());
    if (type == null) {
      throw tokens.malformed(field, Shown.quoted(tokens.text()), StoredType.known());
    }
    return type;
  }

  private long[] shape(String name) {
    String field = field(name, "shape");
    long[] shape = naturals(field, limits.dimensions());
    for (long size : shape) {
      if (size == 0) {
        throw tokens.malformed(field, Arrays.toString(shape), "sizes of at least 1");
      }
    }
    return shape;
  }

  private long[] offsets(String name) {
    String field = field(name, "data_offsets");
    long[] offsets = naturals(field, 2);
    if (offsets.length != 2) {
      throw tokens.malformed(field, Arrays.toString(offsets), "[begin, end]");
    }
    return offsets;
  }

  private long[] naturals(String field, int most) {
    require(field, tokens.next(), JsonToken.START_ARRAY);
    long[] values = new long[most];
    int count = 0;
    for (JsonToken t = tokens.next(); t != JsonToken.END_ARRAY; t = tokens.next()) {
      atMost(field, count + 1, most);
      values[count++] = tokens.natural(field, t);
    }
    return Arrays.copyOf(values, count);
  }

  private void require(String field, @Nullable JsonToken found, JsonToken required) {
    if (found != required) {
      String allowed =
          switch (required) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case PROPERTY_NAME -> "a key";
            default -> "a string";
          };
      throw tokens.malformed(field, tokens.described(found), allowed);
    }
  }

  private <T> T given(String name, String key, @Nullable T value) {
    if (value == null) {
      throw tokens.malformed(field(name, key), "absent", "a value; it is required");
    }
    return value;
  }

  private void requireFirst(String name, String key, @Nullable Object before) {
    if (before != null) {
      throw tokens.malformed(field(name, key), "the key twice", "each key once");
    }
  }

  private void atMost(String field, long count, long most) {
    if (count > most) {
      throw tokens.malformed(field, "more", "at most " + most);
    }
  }

  private static String field(String name, String key) {
    return Shown.key(name) + "." + Shown.key(key);
  }
}
