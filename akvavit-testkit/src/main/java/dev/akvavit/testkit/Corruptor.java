package dev.akvavit.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Damages bytes, the same way for the same seed: at random but with a sense of structure, or in
 * every way of a small class. It knows numbers, quotes and brackets and is otherwise blind to
 * formats.
 */
public final class Corruptor {
  /**
   * Numbers at which lengths, offsets and products go wrong, besides those near the file's own
   * length.
   */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    2,
    7,
    8,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    (1L << 31) - 1,
    1L << 31,
    (1L << 31) + 1,
    (1L << 32) - 1,
    1L << 32,
    (1L << 32) + 1,
    (1L << 42) + 1,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1
  };

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\u0000",
    "null",
    "true",
    "NaN",
    "-",
    "1e999",
    " ",
    "\0",
    "\uFEFF",
    "{\"a\":",
    "[[[[[[[[",
    "../",
    "__metadata__",
    "dtype",
    "shape",
    "data_offsets",
    "weight_map"
  };

  private static final int DEEPEST = 3_000;

  private final Random random;

  public Corruptor(long seed) {
    this.random = new Random(seed);
  }

  /** The 24 values that {@link #everyDamage} puts into every field of a file of this length. */
  public static long[] hostile(long length) {
    long[] values = Arrays.copyOf(EDGES, EDGES.length + 3);
    values[EDGES.length] = length - 1;
    values[EDGES.length + 1] = length;
    values[EDGES.length + 2] = length + 1;
    return values;
  }

  /**
   * Every prefix, every flip of one bit below {@code end}, and every field of 4 and of 8 bytes
   * below {@code end} replaced by each hostile value, little-endian.
   */
  public static void everyDamage(byte[] valid, int end, Consumer<byte[]> each) {
    for (int length = 0; length < valid.length; length++) {
      each.accept(Arrays.copyOf(valid, length));
    }
    for (int bit = 0; bit < end * 8; bit++) {
      byte[] bytes = valid.clone();
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      each.accept(bytes);
    }
    for (long value : hostile(valid.length)) {
      for (int at = 0; at + 4 <= end; at++) {
        each.accept(withInt(valid.clone(), at, (int) value));
        if (at + 8 <= end) {
          each.accept(withLong(valid.clone(), at, value));
        }
      }
    }
  }

  /** How many files {@link #everyDamage} makes. */
  public static long everyDamageCount(byte[] valid, int end) {
    return valid.length + end * 8L + hostile(0).length * (end - 3L + end - 7L);
  }

  /** A copy with one to four pieces of damage. */
  public byte[] corrupt(byte[] valid) {
    byte[] bytes = valid.clone();
    for (int more = 1 + random.nextInt(4); more > 0; more--) {
      bytes = damage(bytes);
    }
    return bytes;
  }

  private byte[] damage(byte[] bytes) {
    if (bytes.length < 16) {
      return insert(bytes, at(bytes), piece());
    }
    int at = at(bytes);
    int width = Math.min(1 + random.nextInt(1 << random.nextInt(8)), bytes.length - at);
    return switch (random.nextInt(13)) {
      case 0 -> withByte(bytes, at, bytes[at] ^ 1 << random.nextInt(8));
      case 1 -> withByte(bytes, at, random.nextInt());
      case 2 -> withInt(bytes, Math.min(at, bytes.length - 4), (int) edge(bytes));
      case 3 -> withLong(bytes, Math.min(at, bytes.length - 8), edge(bytes));
      case 4 -> splice(bytes, at, at + width, new byte[0]);
      case 5 -> insert(bytes, at(bytes), Arrays.copyOfRange(bytes, at, at + width));
      case 6 -> insert(bytes, at, noise(width));
      case 7 -> Arrays.copyOf(bytes, at);
      case 8 -> insert(bytes, bytes.length, noise(width));
      case 9 -> insert(bytes, at, piece());
      case 10 -> number(bytes, at);
      case 11 -> word(bytes, at);
      default ->
          insert(bytes, at, "[".repeat(random.nextInt(DEEPEST)).getBytes(StandardCharsets.UTF_8));
    };
  }

  /** Replaces the next decimal number by a hostile one. */
  private byte[] number(byte[] bytes, int from) {
    int begin = from;
    while (begin < bytes.length && !isDigit(bytes[begin])) {
      begin++;
    }
    int end = begin;
    while (end < bytes.length && isDigit(bytes[end])) {
      end++;
    }
    String text =
        switch (random.nextInt(4)) {
          case 0 -> Long.toUnsignedString(edge(bytes));
          case 1 -> edge(bytes) + ".5";
          case 2 -> String.valueOf(random.nextInt(1 << random.nextInt(30)));
          default -> String.valueOf(edge(bytes));
        };
    return splice(bytes, begin, end, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts one quoted word of the file in the place of another. */
  private byte[] word(byte[] bytes, int from) {
    int[] target = quoted(bytes, from);
    int[] source = quoted(bytes, at(bytes));
    return splice(bytes, target[0], target[1], Arrays.copyOfRange(bytes, source[0], source[1]));
  }

  private static int[] quoted(byte[] bytes, int from) {
    int begin = quote(bytes, from);
    return new int[] {begin, Math.min(bytes.length, quote(bytes, begin + 1) + 1)};
  }

  private static int quote(byte[] bytes, int from) {
    int at = Math.min(from, bytes.length);
    while (at < bytes.length && bytes[at] != '"') {
      at++;
    }
    return at;
  }

  private int at(byte[] bytes) {
    return bytes.length == 0 ? 0 : random.nextInt(bytes.length);
  }

  private long edge(byte[] bytes) {
    long[] values = hostile(bytes.length);
    return values[random.nextInt(values.length)];
  }

  private byte[] piece() {
    return PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static byte[] insert(byte[] bytes, int at, byte[] more) {
    return splice(bytes, at, at, more);
  }

  private static byte[] splice(byte[] bytes, int begin, int end, byte[] replacement) {
    byte[] result = new byte[bytes.length - (end - begin) + replacement.length];
    System.arraycopy(bytes, 0, result, 0, begin);
    System.arraycopy(replacement, 0, result, begin, replacement.length);
    System.arraycopy(bytes, end, result, begin + replacement.length, bytes.length - end);
    return result;
  }

  private static byte[] withByte(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    return bytes;
  }

  private static byte[] withInt(byte[] bytes, int at, int value) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return bytes;
  }

  private static byte[] withLong(byte[] bytes, int at, long value) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    return bytes;
  }
}
