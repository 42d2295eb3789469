package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.format.SafetensorsDraft.Row;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** Ways in which a safetensors file can be wrong, each written by hand and varied by a seed. */
enum MalformedSafetensors {
  EMPTY_FILE((d, r) -> new byte[0]),
  SHORTER_THAN_ITS_LENGTH_FIELD((d, r) -> Arrays.copyOf(d.bytes(), 1 + r.nextInt(7))),
  LENGTH_AND_NOTHING_ELSE((d, r) -> Arrays.copyOf(d.bytes(), 8)),
  HEADER_CUT((d, r) -> Arrays.copyOf(d.bytes(), 9 + r.nextInt(d.header().length() - 1))),
  LENGTH_ZERO((d, r) -> d.bytes(0, json(d))),
  LENGTH_ONE((d, r) -> d.bytes(1, json(d))),
  LENGTH_BEYOND_FILE((d, r) -> d.bytes(d.bytes().length - 7L + r.nextInt(1 << 20), json(d))),
  LENGTH_NEGATIVE((d, r) -> d.bytes(r.nextLong() | Long.MIN_VALUE, json(d))),
  LENGTH_BIG_ENDIAN((d, r) -> d.bytes(Long.reverseBytes(json(d).length), json(d))),
  LENGTH_ABOVE_LIMIT((d, r) -> d.bytes(d.header() + " ".repeat(1 << 16))),
  LENGTH_A_BYTE_SHORT((d, r) -> d.bytes(json(d).length - 1, json(d))),
  LENGTH_INTO_THE_DATA(
      (d, r) -> d.bytes(json(d).length + 1L + r.nextInt(d.data.length), zeroed(d))),
  STARTS_WITH_SPACE((d, r) -> d.bytes(" " + d.header())),
  STARTS_WITH_BYTE_ORDER_MARK((d, r) -> d.bytes("\uFEFF" + d.header())),
  STARTS_WITH_ARRAY((d, r) -> d.bytes("[" + d.header() + "]")),
  PADDED_WITH_TABS((d, r) -> d.bytes(d.header() + "\t".repeat(1 + r.nextInt(8)))),
  PADDED_WITH_ZEROS((d, r) -> d.bytes(d.header() + "\0".repeat(1 + r.nextInt(8)))),
  SECOND_HEADER((d, r) -> d.bytes(d.header() + d.header())),
  BRACE_TOO_MANY(after("}}")),
  BRACE_MISSING((d, r) -> d.bytes(d.header().replaceFirst("\\}$", "") + " ")),
  NAME_NOT_UTF8((d, r) -> spoilt(d, r, (byte) 0xFF)),
  NAME_OVERLONG_UTF8((d, r) -> spoilt(d, r, (byte) 0xC0, (byte) 0xAF)),
  NAME_WITH_CONTROL_CHARACTER((d, r) -> spoilt(d, r, (byte) r.nextInt(32))),
  NAME_IN_SINGLE_QUOTES(row((row, r) -> row.name = row.name.replace('"', '\''))),
  NAME_WITHOUT_QUOTES(row((row, r) -> row.name = row.name.replace("\"", ""))),
  NAME_TOO_LONG(row((row, r) -> row.name = '"' + "n".repeat(1 << 15) + '"')),
  NAME_WITH_BAD_ESCAPE(row((row, r) -> row.name = "\"\\x41\"")),
  COMMA_TRAILING(after(",}")),
  COMMENT(after("/* */}")),
  TENSOR_TWICE((d, r) -> duplicated(d, d.any(r).name)),
  TENSOR_TWICE_BY_ESCAPE((d, r) -> duplicated(d, d.any(r).name.replace("l", "\\u006c"))),
  TENSORS_ABOVE_LIMIT((d, r) -> many(d, 1_100)),
  METADATA_TWICE((d, r) -> metadata(d, d.metadata + ", " + d.metadata)),
  METADATA_KEY_TWICE((d, r) -> metadata(d, "\"__metadata__\": {\"a\": \"1\", \"a\": \"2\"}")),
  METADATA_A_STRING((d, r) -> metadata(d, "\"__metadata__\": \"pt\"")),
  METADATA_NUMBER((d, r) -> metadata(d, "\"__metadata__\": {\"epoch\": " + r.nextInt() + "}")),
  METADATA_NESTED((d, r) -> metadata(d, "\"__metadata__\": {\"a\": {\"b\": \"c\"}}")),
  METADATA_DEEP((d, r) -> metadata(d, "\"__metadata__\": " + "[".repeat(65 + r.nextInt(9_000)))),
  METADATA_STRING_TOO_LONG(
      (d, r) -> metadata(d, "\"__metadata__\": {\"a\": \"" + "x".repeat(20_000) + "\"}")),
  ENTRY_A_NUMBER((d, r) -> d.bytes(d.header().replaceFirst("\\{\"dtype[^}]*}", "7"))),
  ENTRY_EMPTY((d, r) -> d.bytes(d.header().replaceFirst("\\{\"dtype[^}]*}", "{}"))),
  FIELD_MISSING((d, r) -> d.bytes(d.header().replaceFirst("\"shape\": \\[[^]]*], ", ""))),
  FIELD_TWICE(row((row, r) -> row.more = ", \"shape\": " + row.shape)),
  FIELD_UNKNOWN(row((row, r) -> row.more = ", \"strides\": [1]")),
  DTYPE_UNKNOWN(row((row, r) -> row.dtype = "\"F" + (65 + r.nextInt(900)) + "\"")),
  DTYPE_LOWER_CASE(row((row, r) -> row.dtype = row.dtype.toLowerCase(Locale.ROOT))),
  DTYPE_NUMBER(row((row, r) -> row.dtype = String.valueOf(r.nextInt()))),
  DTYPE_OF_OTHER_WIDTH(
      row((row, r) -> row.dtype = row.dtype.equals("\"I64\"") ? "\"I8\"" : "\"C64\"")),
  SHAPE_OF_FIVE(row((row, r) -> row.shape = row.shape.replace("]", ", 1, 1, 1]"))),
  SHAPE_OF_MANY(row((row, r) -> row.shape = "[1" + ", 1".repeat(r.nextInt(5_000) + 4) + "]")),
  SHAPE_WITH_ZERO((d, r) -> empty(d, "[0]")),
  SHAPE_WITH_ZERO_AMONG_OTHERS((d, r) -> empty(d, "[" + (1 + r.nextInt(9)) + ", 0, 7]")),
  SHAPE_NEGATIVE(row((row, r) -> row.shape = row.shape.replace("[", "[-"))),
  SHAPE_NEGATIVE_ZERO(row((row, r) -> row.shape = "[-0, 1]")),
  SHAPE_FRACTION(row((row, r) -> row.shape = row.shape.replace(",", ".0,"))),
  SHAPE_A_STRING(row((row, r) -> row.shape = '"' + row.shape + '"')),
  SHAPE_OF_STRINGS(row((row, r) -> row.shape = "[\"2\", \"2\"]")),
  SHAPE_NESTED(row((row, r) -> row.shape = "[" + row.shape + "]")),
  SHAPE_OVERFLOWS(row((row, r) -> row.shape = "[4294967296, 4294967296]")),
  // 7 * 7905747460161236407 is 1 modulo 2^64.
  ELEMENTS_WRAP_TO_THEIR_NUMBER(
      row((row, r) -> row.shape = row.shape.replace("]", ", 7, 7905747460161236407]"))),
  BITS_WRAP_TO_THEIR_NUMBER(row((row, r) -> row.shape = "[" + (row.elements + (1L << 61)) + "]")),
  SHAPE_ABOVE_LONG(row((row, r) -> row.shape = "[9223372036854775808]")),
  SHAPE_TOO_LARGE(row((row, r) -> row.shape = row.shape.replace("[", "[9"))),
  OFFSETS_ONE(row((row, r) -> row.offsets = "[" + row.begin + "]")),
  OFFSETS_THREE(row((row, r) -> row.offsets = row.offsets.replace("]", ", 0]"))),
  OFFSETS_NULL(row((row, r) -> row.offsets = "null")),
  OFFSETS_REVERSED(row((row, r) -> row.offsets = "[" + row.end + ", " + row.begin + "]")),
  OFFSETS_NEGATIVE(
      row((row, r) -> row.offsets = "[-" + (1 + r.nextInt(99)) + ", " + row.end + "]")),
  OFFSETS_ABOVE_LONG(row((row, r) -> row.offsets = "[0, 18446744073709551615]")),
  OFFSETS_OF_THOUSAND_DIGITS(row((row, r) -> row.offsets = "[0, " + "9".repeat(1_500) + "]")),
  OFFSETS_BEYOND_FILE(row((row, r) -> shift(row, 1L << (20 + r.nextInt(40))))),
  OFFSETS_LEAVE_A_HOLE((d, r) -> hole(d, 1 + r.nextInt(64))),
  OFFSETS_OVERLAP((d, r) -> overlap(d, r)),
  OFFSETS_SHARED((d, r) -> shared(d, r)),
  OFFSETS_NOT_FROM_ZERO((d, r) -> notFromZero(d, 1 + r.nextInt(64))),
  SIX_BITS_LEAVE_A_REST((d, r) -> rest(d, 2 + r.nextInt(2))),
  DATA_CUT((d, r) -> data(d, d.data.length - 1 - r.nextInt(d.data.length))),
  DATA_TRAILING((d, r) -> data(d, d.data.length + 1 + r.nextInt(1_000)));

  /** Small enough that a test can exceed each of them. */
  static final Limits LIMITS =
      new Limits(1 << 16, 1 << 14, 1 << 14, 1 << 16, 1_000, 4, 64, 1 << 20, 1, 1);

  private final BiFunction<SafetensorsDraft, Random, byte[]> make;

  MalformedSafetensors(BiFunction<SafetensorsDraft, Random, byte[]> make) {
    this.make = make;
  }

  byte[] make(long seed) {
    Random random = new Random(seed);
    return make.apply(new SafetensorsDraft(random), random);
  }

  private static BiFunction<SafetensorsDraft, Random, byte[]> row(BiConsumer<Row, Random> spoil) {
    return (draft, random) -> {
      spoil.accept(draft.any(random), random);
      return draft.bytes();
    };
  }

  private static BiFunction<SafetensorsDraft, Random, byte[]> after(String end) {
    return (draft, random) -> {
      draft.after = end;
      return draft.bytes();
    };
  }

  private static byte[] json(SafetensorsDraft draft) {
    return draft.header().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zeroed(SafetensorsDraft draft) {
    Arrays.fill(draft.data, (byte) 0);
    return json(draft);
  }

  private static byte[] spoilt(SafetensorsDraft draft, Random random, byte... bytes) {
    draft.any(random).name = "\"??.weight\"";
    byte[] json = json(draft);
    int at = draft.header().indexOf("??");
    System.arraycopy(bytes, 0, json, at, bytes.length);
    return draft.bytes(json.length, json);
  }

  private static byte[] metadata(SafetensorsDraft draft, String metadata) {
    draft.metadata = metadata;
    return draft.bytes();
  }

  private static byte[] duplicated(SafetensorsDraft draft, String name) {
    draft.rows.getLast().name = name;
    draft.rows.getFirst().name = "\"" + name.replace("\"", "").replace("\\u006c", "l") + "\"";
    return draft.bytes();
  }

  private static byte[] many(SafetensorsDraft draft, int count) {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      header.append(i == 0 ? "" : ",");
      header.append(
          "\""
              + i
              + "\":{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":["
              + i
              + ","
              + (i + 1)
              + "]}");
    }
    draft.data = new byte[count];
    return draft.bytes(header + "}");
  }

  private static byte[] empty(SafetensorsDraft draft, String shape) {
    Row row = draft.rows.getLast().twin("empty");
    row.shape = shape;
    row.offsets = "[" + row.end + ", " + row.end + "]";
    draft.rows.add(row);
    return draft.bytes();
  }

  private static void shift(Row row, long by) {
    row.offsets = "[" + (row.begin + by) + ", " + (row.end + by) + "]";
  }

  private static byte[] hole(SafetensorsDraft draft, int width) {
    shift(draft.rows.getLast(), width);
    return data(draft, draft.data.length + width);
  }

  private static byte[] notFromZero(SafetensorsDraft draft, int by) {
    draft.rows.forEach(row -> shift(row, by));
    return data(draft, draft.data.length + by);
  }

  private static byte[] overlap(SafetensorsDraft draft, Random random) {
    Row row = draft.inner(random);
    shift(row, -1 - random.nextInt((int) row.begin));
    return draft.bytes();
  }

  private static byte[] shared(SafetensorsDraft draft, Random random) {
    draft.rows.add(draft.any(random).twin("twin"));
    return draft.bytes();
  }

  private static byte[] rest(SafetensorsDraft draft, int elements) {
    Row row = draft.rows.getLast();
    row.dtype = "\"F6_E2M3\"";
    row.shape = "[" + elements + "]";
    row.offsets = "[" + row.begin + ", " + (row.begin + elements * 6 / 8) + "]";
    return data(draft, (int) row.begin + elements * 6 / 8);
  }

  private static byte[] data(SafetensorsDraft draft, int length) {
    draft.data = Arrays.copyOf(draft.data, length);
    return draft.bytes();
  }
}
