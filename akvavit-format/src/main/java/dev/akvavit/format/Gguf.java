package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One GGUF file (versions 2 and 3, little-endian): magic, counts, metadata, a table of tensors,
 * then their bytes at multiples of an alignment.
 *
 * <p>Reading costs the header; tensors are not touched. Every offset is aligned, inside the file,
 * and shares no byte with another tensor's.
 *
 * @param tensors by name, in the order of the table
 */
record Gguf(GgufMetadata metadata, Map<String, Entry> tensors) {
  /**
   * One tensor as the file has it.
   *
   * @param shape sizes, outermost first, the other way round than in the file
   */
  record Entry(String name, GgufType type, long[] shape, MemorySegment bytes) {}

  private record Place(String name, GgufType type, long[] shape, long offset, long bytes) {}

  private static final int MAGIC = 0x4655_4747;
  private static final int DEFAULT_ALIGNMENT = 32;

  /** Fewest bytes of a pair: length and letter of the key, type, value. */
  private static final int PAIR_BYTES = 8 + 1 + 4 + 1;

  /** Fewest bytes of a row of the table: a name of one letter, one size, type and offset. */
  private static final int ROW_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

  /**
   * Checks a whole file and finds its tensors.
   *
   * @param bytes the file, mapped
   * @param file its name, for messages
   * @throws MalformedFileException when a rule of the format or a limit is broken
   */
  static Gguf read(MemorySegment bytes, String file, Limits limits) {
    GgufCursor in = new GgufCursor(bytes, file, limits);
    checkVersion(in);
    long tensors = in.countThatFits("tensor count", limits.tensors(), ROW_BYTES);
    long pairs = in.countThatFits("metadata count", limits.metadataPairs(), PAIR_BYTES);
    GgufMetadata metadata = GgufValues.read(in, pairs);
    long alignment = alignment(metadata);
    List<Place> places = new ArrayList<>();
    for (long i = 0; i < tensors; i++) {
      places.add(place(in, i, alignment));
    }
    long dataStart = Math.ceilDiv(in.at(), alignment) * alignment;
    checkDisjoint(places, bytes.byteSize() - dataStart, file);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Place p : places) {
      MemorySegment data = bytes.asSlice(dataStart + p.offset, p.bytes);
      if (entries.put(p.name, new Entry(p.name, p.type, p.shape, data)) != null) {
        throw in.malformed("tensor " + Shown.key(p.name), "the name twice", "each name once");
      }
    }
    return new Gguf(metadata, entries);
  }

  private static void checkVersion(GgufCursor in) {
    int magic = in.i32("magic");
    if (magic != MAGIC) {
      throw in.malformed("magic", String.format("0x%08X", magic), "0x46554747, the letters GGUF");
    }
    int version = in.i32("version");
    if (version != 2 && version != 3) {
      boolean swapped = version != 0 && (version & 0xFFFF) == 0;
      throw in.malformed(
          "version",
          swapped
              ? Integer.reverseBytes(version) + " in big-endian order"
              : Integer.toUnsignedString(version),
          "2 or 3, little-endian");
    }
  }

  private static long alignment(GgufMetadata metadata) {
    String key = "general.alignment";
    int alignment = metadata.values().integer(key, DEFAULT_ALIGNMENT);
    if (alignment < 8 || alignment > 65_536 || Integer.bitCount(alignment) != 1) {
      throw new MalformedFileException(
          metadata.file(), key, String.valueOf(alignment), "a power of two from 8 to 65536");
    }
    return alignment;
  }

  private static Place place(GgufCursor in, long index, long alignment) {
    String name = in.text("tensor " + index + " (name)", 1, in.limits().keyBytes());
    String field = "tensor " + Shown.key(name);
    int dimensions = in.i32(field + " (dimensions)");
    if (dimensions < 1 || dimensions > in.limits().dimensions()) {
      throw in.malformed(
          field + " (dimensions)",
          Integer.toUnsignedString(dimensions),
          "1 to " + in.limits().dimensions());
    }
    long[] shape = new long[dimensions];
    for (int i = dimensions - 1; i >= 0; i--) {
      shape[i] = in.count(field + " (shape)", 1, Long.MAX_VALUE);
    }
    int code = in.i32(field + " (type)");
    GgufType type = GgufType.of(code);
    if (type == null) {
      throw in.malformed(field + " (type)", Integer.toUnsignedString(code), GgufType.known());
    }
    long bytes = bytes(in, field, type, shape);
    long offset = in.count(field + " (offset)", 0, Long.MAX_VALUE);
    if (offset % alignment != 0) {
      throw in.malformed(field + " (offset)", String.valueOf(offset), "a multiple of " + alignment);
    }
    return new Place(name, type, shape, offset, bytes);
  }

  private static long bytes(GgufCursor in, String field, GgufType type, long[] shape) {
    if (shape[shape.length - 1] % type.blockElements != 0) {
      throw in.malformed(
          field + " (shape)",
          "rows of " + shape[shape.length - 1],
          "rows of whole " + type + " blocks of " + type.blockElements);
    }
    try {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      return type.bytes(elements);
    } catch (ArithmeticException e) {
      throw in.malformed(field + " (shape)", Arrays.toString(shape), "fewer than 2^63 bytes");
    }
  }

  private static void checkDisjoint(List<Place> places, long dataBytes, String file) {
    @Nullable Place before = null;
    List<Place> ordered = new ArrayList<>(places);
    ordered.sort(Comparator.comparingLong(Place::offset).thenComparingLong(Place::bytes));
    for (Place p : ordered) {
      String field = "tensor " + Shown.key(p.name) + " (offset)";
      if (p.offset > dataBytes || p.bytes > dataBytes - p.offset) {
        throw new MalformedFileException(
            file,
            field,
            p.bytes + " bytes at " + p.offset,
            "bytes inside the " + Math.max(0, dataBytes) + " behind the header" + GgufCursor.CUT);
      }
      if (before != null && p.offset < before.offset + before.bytes) {
        throw new MalformedFileException(
            file, field, "bytes of " + Shown.key(before.name), "bytes of its own");
      }
      before = p;
    }
  }
}
