package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Little-endian numbers and strings of a GGUF header, one after another; no read passes the end or
 * a limit.
 */
final class GgufCursor {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What to do about a file that ends before what it announces. */
  static final String CUT = "; the file is cut short or damaged: fetch or write it again";

  private final MemorySegment bytes;
  private final String file;
  private final Limits limits;
  private long at;

  GgufCursor(MemorySegment bytes, String file, Limits limits) {
    this.bytes = bytes;
    this.file = file;
    this.limits = limits;
  }

  String file() {
    return file;
  }

  Limits limits() {
    return limits;
  }

  /** Bytes read so far. */
  long at() {
    return at;
  }

  long left() {
    return Math.min(bytes.byteSize(), limits.ggufHeaderBytes()) - at;
  }

  byte i8(String field) {
    return bytes.get(ValueLayout.JAVA_BYTE, skip(field, 1));
  }

  short i16(String field) {
    return bytes.get(SHORT, skip(field, 2));
  }

  int i32(String field) {
    return bytes.get(INT, skip(field, 4));
  }

  long i64(String field) {
    return bytes.get(LONG, skip(field, 8));
  }

  /** An unsigned 64-bit count from {@code least} to {@code most}. */
  long count(String field, long least, long most) {
    long count = i64(field);
    if (count < least || count > most) {
      throw malformed(field, Long.toUnsignedString(count), least + " to " + most);
    }
    return count;
  }

  /** A count of things of which each takes {@code leastBytes} or more of what is left. */
  long countThatFits(String field, long most, int leastBytes) {
    long count = count(field, 0, most);
    long room = left() / leastBytes;
    if (count > room) {
      throw malformed(field, "" + count, "up to " + room + " in " + left() + " bytes" + CUT);
    }
    return count;
  }

  /** A length and as many bytes of UTF-8. */
  String text(String field, int least, int most) {
    long length = count(field + " (length)", least, most);
    long from = skip(field, length);
    return utf8(bytes.asSlice(from, length), field);
  }

  /** Passes over a string without decoding it. */
  void skipText(String field) {
    skip(field, count(field + " (length)", 0, limits.stringBytes()));
  }

  /** Passes over bytes; returns where they begin. */
  long skip(String field, long count) {
    if (count > left()) {
      boolean limited = bytes.byteSize() > limits.ggufHeaderBytes();
      throw malformed(
          field,
          Math.max(0, left()) + " bytes left",
          count
              + " or more"
              + (limited ? " in a header of " + limits.ggufHeaderBytes() + " bytes" : CUT));
    }
    long from = at;
    at += count;
    return from;
  }

  MemorySegment slice(long from) {
    return bytes.asSlice(from, at - from);
  }

  private String utf8(MemorySegment text, String field) {
    return decoded(text, file, field);
  }

  /** Strict UTF-8. */
  static String decoded(MemorySegment text, String file, String field) {
    byte[] bytes = text.toArray(ValueLayout.JAVA_BYTE);
    String quick = new String(bytes, StandardCharsets.UTF_8); // a vocabulary has 100,000 of them
    if (quick.indexOf('\uFFFD') < 0) {
      return quick;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(file, field, "bytes that are not UTF-8", "UTF-8", e);
    }
  }

  MalformedFileException malformed(String field, String found, String allowed) {
    return new MalformedFileException(file, field, found, allowed);
  }
}
