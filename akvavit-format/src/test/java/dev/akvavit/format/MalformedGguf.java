package dev.akvavit.format;

import static dev.akvavit.format.GgufDraft.join;
import static dev.akvavit.format.GgufDraft.text;
import static dev.akvavit.format.GgufDraft.u32;
import static dev.akvavit.format.GgufDraft.u64;
import static dev.akvavit.format.GgufDraft.utf8;

import dev.akvavit.core.Limits;
import dev.akvavit.format.GgufDraft.Pair;
import dev.akvavit.format.GgufDraft.Row;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** Ways in which a GGUF file can be wrong, each written by hand and varied by a seed. */
enum MalformedGguf {
  EMPTY_FILE((d, r) -> new byte[0]),
  MAGIC_AND_NOTHING_ELSE((d, r) -> Arrays.copyOf(d.bytes(), 4)),
  HEADER_CUT((d, r) -> Arrays.copyOf(d.bytes(), 4 + r.nextInt(d.header().length - 4))),
  DATA_CUT((d, r) -> cut(d, r)),
  MAGIC_WRONG(spoilt((d, r) -> d.magic[r.nextInt(4)] ^= (byte) (1 << r.nextInt(8)))),
  MAGIC_OF_OLDER_FORMAT(spoilt((d, r) -> d.magic = utf8("GGJT"))),
  VERSION_ZERO(spoilt((d, r) -> d.version = u32(0))),
  VERSION_ONE(spoilt((d, r) -> d.version = u32(1))),
  VERSION_OF_TOMORROW(spoilt((d, r) -> d.version = u32(4 + r.nextInt(1 << 20)))),
  VERSION_BIG_ENDIAN(spoilt((d, r) -> d.version = u32(Integer.reverseBytes(3)))),
  VERSION_NEGATIVE(spoilt((d, r) -> d.version = u32(r.nextInt() | Integer.MIN_VALUE))),
  TENSORS_MORE_THAN_THERE_ARE(spoilt((d, r) -> d.tensorCount = d.rows.size() + 500L)),
  TENSORS_ABOVE_LIMIT(spoilt((d, r) -> d.tensorCount = 1_001)),
  TENSORS_HUGE(spoilt((d, r) -> d.tensorCount = r.nextLong() & Long.MAX_VALUE | 1L << 40)),
  TENSORS_NEGATIVE(spoilt((d, r) -> d.tensorCount = r.nextLong() | Long.MIN_VALUE)),
  PAIRS_MORE_THAN_THERE_ARE(spoilt((d, r) -> d.pairCount = d.pairs.size() + 1 + r.nextInt(3))),
  PAIRS_FEWER_THAN_THERE_ARE(spoilt((d, r) -> d.pairCount = r.nextInt(d.pairs.size()))),
  PAIRS_ABOVE_LIMIT(spoilt((d, r) -> d.pairCount = 101)),
  PAIRS_HUGE(spoilt((d, r) -> d.pairCount = 1L << 32 + r.nextInt(31))),
  KEY_EMPTY(spoilt((d, r) -> d.pairs.get(r.nextInt(6)).key = new byte[0])),
  KEY_TOO_LONG(spoilt((d, r) -> d.pairs.get(r.nextInt(6)).key = new byte[501])),
  KEY_LENGTH_HUGE(spoilt((d, r) -> d.pairs.get(0).keyLength = r.nextLong() & Long.MAX_VALUE)),
  KEY_LENGTH_WRAPS(spoilt((d, r) -> d.pairs.get(0).keyLength = Long.MAX_VALUE - r.nextInt(64))),
  KEY_NOT_UTF8(spoilt((d, r) -> d.pairs.get(2).key[3] = (byte) 0xFF)),
  KEY_TWICE(spoilt((d, r) -> d.pairs.add(d.pairs.get(r.nextInt(6))))),
  KEY_TWICE_WITH_OTHER_TYPE(spoilt((d, r) -> d.with("draft.words", text("x")))),
  VALUE_OF_UNKNOWN_TYPE(value(r -> u32(13 + r.nextInt(1 << 20)))),
  VALUE_OF_NEGATIVE_TYPE(value(r -> u32(r.nextInt() | Integer.MIN_VALUE))),
  BOOL_OF_TWO(value(r -> join(u32(7), new byte[] {(byte) (2 + r.nextInt(253))}))),
  FLOAT_NAN(value(r -> join(u32(6), u32(0x7FC0_0000 + r.nextInt(99))))),
  FLOAT_INFINITE(value(r -> join(u32(6), u32(0x7F80_0000)))),
  DOUBLE_INFINITE(value(r -> join(u32(12), u64(0xFFF0_0000_0000_0000L)))),
  STRING_TOO_LONG(value(r -> text("x".repeat(2_001 + r.nextInt(99))))),
  STRING_LENGTH_HUGE(value(r -> join(u32(8), u64(r.nextLong() & Long.MAX_VALUE | 1L << 33)))),
  STRING_LENGTH_NEGATIVE(value(r -> join(u32(8), u64(-1L - r.nextInt(99))))),
  STRING_NOT_UTF8(value(r -> join(u32(8), u64(2), new byte[] {(byte) 0xC0, (byte) 0xAF}))),
  ARRAY_OF_UNKNOWN_TYPE(value(r -> join(u32(9), u32(13 + r.nextInt(99)), u64(0)))),
  ARRAY_COUNT_HUGE(value(r -> join(u32(9), u32(r.nextInt(9)), u64(1L << 62 - r.nextInt(9))))),
  ARRAY_COUNT_NEGATIVE(value(r -> join(u32(9), u32(r.nextInt(9)), u64(-1L - r.nextInt(99))))),
  ARRAY_COUNT_ABOVE_LIMIT(value(r -> join(u32(9), u32(0), u64(901 + r.nextInt(9)), new byte[920]))),
  ARRAY_BYTES_WRAP(value(r -> join(u32(9), u32(10), u64(1L << 61)))),
  ARRAY_BEYOND_FILE(value(r -> join(u32(9), u32(10), u64(899)))),
  ARRAY_OF_STRINGS_BEYOND_FILE(value(r -> join(u32(9), u32(8), u64(1), u64(1 << 20)))),
  ARRAY_OF_STRING_LENGTHS_WRAP(
      value(r -> join(u32(9), u32(8), u64(2), u64(Long.MAX_VALUE), u64(Long.MAX_VALUE)))),
  ARRAYS_TOO_DEEP(value(r -> join(u32(9), u32(9), u64(1), u32(9), u64(1), u32(9), u64(0)))),
  ALIGNMENT_ZERO(alignment(0)),
  ALIGNMENT_ODD(alignment(33)),
  ALIGNMENT_FOUR(alignment(4)),
  ALIGNMENT_HUGE(alignment(1 << 17)),
  ALIGNMENT_NEGATIVE(alignment(Integer.MIN_VALUE)),
  ALIGNMENT_A_STRING((d, r) -> d.with("general.alignment", text("32")).bytes()),
  ALIGNMENT_FRACTION(
      (d, r) -> d.with("general.alignment", join(u32(6), u32(Float.floatToIntBits(8.5f)))).bytes()),
  NAME_EMPTY(row((row, r) -> row.name = new byte[0])),
  NAME_TOO_LONG(row((row, r) -> row.name = new byte[501])),
  NAME_NOT_UTF8(row((row, r) -> row.name[2] = (byte) 0xFE)),
  NAME_TWICE((d, r) -> twice(d)),
  DIMENSIONS_NONE(row((row, r) -> row.dimensions = 0)),
  DIMENSIONS_FIVE(row((row, r) -> row.dimensions = 5)),
  DIMENSIONS_HUGE(row((row, r) -> row.dimensions = r.nextInt() | 1 << 20)),
  SIZE_ZERO(row((row, r) -> row.shape[r.nextInt(2)] = 0)),
  SIZE_NEGATIVE(row((row, r) -> row.shape[r.nextInt(2)] = r.nextLong() | Long.MIN_VALUE)),
  ELEMENTS_OVERFLOW(row((row, r) -> row.shape = new long[] {1L << 40, 1L << 40})),
  // 7 * 7905747460161236407 is 1 modulo 2^64.
  ELEMENTS_WRAP_TO_THEIR_NUMBER((d, r) -> wrapped(d, r)),
  BYTES_OVERFLOW(
      row((row, r) -> {
        row.type = 28;
        row.shape = new long[] {1L << 61, 1};
      })),
  ROW_OF_NO_WHOLE_BLOCKS(
      row((row, r) -> {
        row.type = 8;
        row.shape[0] = 32 * r.nextInt(9) + 1 + r.nextInt(31);
      })),
  SHAPE_TOO_LARGE(row((row, r) -> row.shape[1] += 1 << 16)),
  TYPE_UNKNOWN(row((row, r) -> row.type = 40 + r.nextInt(1 << 20))),
  TYPE_REMOVED(row((row, r) -> row.type = 4 + r.nextInt(2))),
  TYPE_NEGATIVE(row((row, r) -> row.type = r.nextInt() | Integer.MIN_VALUE)),
  OFFSET_UNALIGNED(row((row, r) -> row.offset += 1 + r.nextInt(31))),
  OFFSET_NEGATIVE(row((row, r) -> row.offset = r.nextLong() | Long.MIN_VALUE)),
  OFFSET_BEYOND_FILE(row((row, r) -> row.offset += 1L << (20 + r.nextInt(30)))),
  OFFSET_WRAPS(row((row, r) -> row.offset = Long.MAX_VALUE - 31)),
  OFFSETS_SHARED((d, r) -> shared(d)),
  OFFSETS_OVERLAP((d, r) -> overlap(d));

  /** Small enough that a test can exceed each of them. */
  static final Limits LIMITS = new Limits(1, 500, 2_000, 900, 1_000, 4, 1, 1, 1 << 16, 100);

  private interface Value {
    byte[] make(Random random);
  }

  private final BiFunction<GgufDraft, Random, byte[]> make;

  MalformedGguf(BiFunction<GgufDraft, Random, byte[]> make) {
    this.make = make;
  }

  byte[] make(long seed) {
    Random random = new Random(seed);
    return make.apply(new GgufDraft(random), random);
  }

  private static BiFunction<GgufDraft, Random, byte[]> spoilt(BiConsumer<GgufDraft, Random> spoil) {
    return (draft, random) -> {
      spoil.accept(draft, random);
      return draft.bytes();
    };
  }

  /** A pair that comes last or first, so that what follows it varies. */
  private static BiFunction<GgufDraft, Random, byte[]> value(Value value) {
    return (draft, random) -> {
      draft.pairs.add(random.nextBoolean() ? 0 : 6, new Pair("draft.bad", value.make(random)));
      return draft.bytes();
    };
  }

  private static BiFunction<GgufDraft, Random, byte[]> alignment(int alignment) {
    return (draft, random) -> draft.with("general.alignment", join(u32(4), u32(alignment))).bytes();
  }

  private static BiFunction<GgufDraft, Random, byte[]> row(BiConsumer<Row, Random> spoil) {
    return (draft, random) -> {
      spoil.accept(draft.any(random), random);
      return draft.bytes();
    };
  }

  private static byte[] cut(GgufDraft draft, Random random) {
    Row last = draft.rows.getLast();
    byte[] bytes = draft.bytes();
    int padding = (int) (draft.data.length - last.offset - last.bytes);
    return Arrays.copyOf(bytes, bytes.length - padding - 1 - random.nextInt((int) last.bytes));
  }

  private static byte[] twice(GgufDraft draft) {
    draft.rows.getLast().name = draft.rows.getFirst().name;
    return draft.bytes();
  }

  private static byte[] wrapped(GgufDraft draft, Random random) {
    Row row = draft.any(random);
    row.shape = new long[] {row.shape[0], row.shape[1], 7, 7905747460161236407L};
    row.dimensions = 4;
    return draft.bytes();
  }

  private static byte[] shared(GgufDraft draft) {
    draft.rows.get(1).offset = draft.rows.get(0).offset;
    return draft.bytes();
  }

  private static byte[] overlap(GgufDraft draft) {
    Row row = draft.rows.getFirst();
    row.type = 24;
    row.shape = new long[] {draft.rows.get(1).offset + 1, 1};
    return draft.bytes();
  }
}
