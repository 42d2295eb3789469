package dev.akvavit.text;

/**
 * Turns ids into text as they come, never half a code point: bytes wait until their code point is
 * whole or can no longer become one; then each maximal broken part is one U+FFFD, as Unicode
 * recommends (The Unicode Standard, 3.9, "U+FFFD Substitution of Maximal Subparts").
 *
 * <p>However the ids are handed in, the texts put together are the same. One instance serves one
 * stream of ids.
 */
public final class Detokenizer {
  private static final char BROKEN = '\uFFFD';

  private final Tokenizer tokenizer;
  private final boolean skipSpecials;
  private boolean dropSpace;

  /**
   * Continuation bytes still wanted, the bits read so far, and the range allowed for the next byte.
   */
  private int wanted;

  private int bits;
  private int lowest = 0x80;
  private int highest = 0xBF;

  Detokenizer(Tokenizer tokenizer, boolean skipSpecials, boolean dropLeadingSpace) {
    this.tokenizer = tokenizer;
    this.skipSpecials = skipSpecials;
    this.dropSpace = dropLeadingSpace;
  }

  /** The text that became certain with this id; an id without a token adds nothing. */
  public String append(int id) {
    if (skipSpecials && tokenizer.special(id)) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    for (byte b : tokenizer.sharedBytes(id)) {
      accept(b & 0xFF, out);
    }
    return leading(out);
  }

  /** The end of the ids: U+FFFD if a code point was left unfinished, else nothing. */
  public String flush() {
    if (wanted == 0) {
      return "";
    }
    wanted = 0;
    return leading(new StringBuilder().append(BROKEN));
  }

  private String leading(StringBuilder out) {
    if (dropSpace && !out.isEmpty()) {
      dropSpace = false;
      if (out.charAt(0) == ' ') {
        out.deleteCharAt(0);
      }
    }
    return out.toString();
  }

  private void accept(int b, StringBuilder out) {
    if (wanted > 0) {
      if (b >= lowest && b <= highest) {
        bits = bits << 6 | b & 0x3F;
        range(0x80, 0xBF);
        if (--wanted == 0) {
          out.appendCodePoint(bits);
        }
        return;
      }
      wanted = 0;
      out.append(BROKEN);
    }
    begin(b, out);
  }

  /**
   * The first byte of a code point; what may follow is narrowed so that no surrogate or overlong
   * form passes.
   */
  private void begin(int b, StringBuilder out) {
    if (b < 0x80) {
      out.append((char) b);
    } else if (b >= 0xC2 && b <= 0xDF) {
      expect(1, b & 0x1F, 0x80, 0xBF);
    } else if (b >= 0xE0 && b <= 0xEF) {
      expect(2, b & 0x0F, b == 0xE0 ? 0xA0 : 0x80, b == 0xED ? 0x9F : 0xBF);
    } else if (b >= 0xF0 && b <= 0xF4) {
      expect(3, b & 0x07, b == 0xF0 ? 0x90 : 0x80, b == 0xF4 ? 0x8F : 0xBF);
    } else {
      out.append(BROKEN);
    }
  }

  private void expect(int bytes, int first, int low, int high) {
    wanted = bytes;
    bits = first;
    range(low, high);
  }

  private void range(int low, int high) {
    lowest = low;
    highest = high;
  }
}
