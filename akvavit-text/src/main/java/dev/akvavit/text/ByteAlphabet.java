package dev.akvavit.text;

/**
 * GPT-2's spelling of bytes as printable characters: the printable ones of Latin-1 stand for
 * themselves, the other 68 for U+0100 onwards, in order ({@code Ġ} is the space).
 */
final class ByteAlphabet {
  private static final char[] CHARS = new char[256];
  private static final byte[] BYTES = new byte[256 + 68];

  static {
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b > 0x20 && b < 0x7F || b > 0xA0 && b != 0xAD;
      CHARS[b] = (char) (printable ? b : next++);
      BYTES[CHARS[b]] = (byte) b;
    }
  }

  private ByteAlphabet() {}

  /** The character that spells a byte (0 to 255). */
  static char character(int b) {
    return CHARS[b];
  }

  /** Whether a character spells a byte. */
  static boolean spells(char c) {
    return c < BYTES.length && CHARS[BYTES[c] & 0xFF] == c;
  }

  /** The byte a character spells. */
  static byte value(char c) {
    return BYTES[c];
  }

  static String spell(byte[] bytes, int from, int to) {
    char[] chars = new char[to - from];
    for (int i = from; i < to; i++) {
      chars[i - from] = CHARS[bytes[i] & 0xFF];
    }
    return new String(chars);
  }
}
