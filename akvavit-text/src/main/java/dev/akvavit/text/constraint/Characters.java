package dev.akvavit.text.constraint;

import dev.akvavit.text.constraint.CodePoints.Range;

/**
 * Characters as they stand inside a JSON string: raw in UTF-8, or escaped where JSON wants it;
 * never a broken or overlong form, never half a surrogate pair.
 *
 * <p>Sources: RFC 8259, section 7; RFC 3629, section 4.
 */
final class Characters {
  private static final CodePoints ESCAPED = CodePoints.of(0, 0x1F).or(CodePoints.anyOf("\"\\"));
  private static final String SHORT = "\"\\\b\f\n\r\t";
  private static final String LETTERS = "\"\\bfnrt";

  private final AutomatonBuilder builder;

  Characters(AutomatonBuilder builder) {
    this.builder = builder;
  }

  /** One character of a set, in its one usual spelling. */
  void one(int from, CodePoints set, int target) {
    raw(from, set.without(ESCAPED), target);
    for (Range range : set.and(ESCAPED).ranges()) {
      for (int c = range.low(); c <= range.high(); c++) {
        escape(from, c, target);
      }
    }
  }

  /** One character of a set as it is, without escapes. */
  void raw(int from, CodePoints set, int target) {
    for (Range range : set.ranges()) {
      raw(from, range.low(), range.high(), target);
    }
  }

  /** Any character but those that JSON escapes, unescaped. */
  void unescaped(int from, CodePoints but, int target) {
    raw(from, CodePoints.ALL.without(ESCAPED).without(but), target);
  }

  /** Any character in any of JSON's spellings. */
  void any(int from, int target) {
    raw(from, CodePoints.ALL.without(ESCAPED), target);
    int escape = builder.state();
    builder.bytes(from, '\\', '\\', escape);
    for (char c : "\"\\/bfnrt".toCharArray()) {
      builder.bytes(escape, c, c, target);
    }
    int hex = builder.state();
    builder.bytes(escape, 'u', 'u', hex);
    int one = hex(target);
    int two = hex(one);
    int three = hex(two);
    digits(hex, "0123456789abcefABCEF", three);
    int highOrNot = builder.state();
    digits(hex, "dD", highOrNot);
    digits(highOrNot, "01234567", two);
    digits(highOrNot, "89abAB", hex(hex(lowSurrogate(two))));
  }

  private int lowSurrogate(int twoDigits) {
    int second = builder.state();
    digits(second, "cdefCDEF", twoDigits);
    int first = builder.state();
    digits(first, "dD", second);
    return builder.via('\\', '\\', builder.via('u', 'u', first));
  }

  private int hex(int target) {
    int state = builder.state();
    digits(state, "0123456789abcdefABCDEF", target);
    return state;
  }

  private void digits(int from, String digits, int target) {
    for (char c : digits.toCharArray()) {
      builder.bytes(from, c, c, target);
    }
  }

  private void escape(int from, int c, int target) {
    int letter = SHORT.indexOf(c);
    String rest = letter >= 0 ? LETTERS.substring(letter, letter + 1) : "u%04x".formatted(c);
    int at = target;
    for (int i = rest.length() - 1; i >= 0; i--) {
      at = builder.via(rest.charAt(i), rest.charAt(i), at);
    }
    builder.bytes(from, '\\', '\\', at);
  }

  /** Cuts a range where the number of bytes changes. */
  private void raw(int from, int low, int high, int target) {
    int[] last = {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT};
    int start = low;
    for (int length = 1; length <= 4; length++) {
      int end = Math.min(high, last[length - 1]);
      if (start <= end) {
        sequences(from, start, end, length, target);
        start = end + 1;
      }
    }
  }

  /** Cuts a range of one length until each byte of it runs through a range of its own. */
  private void sequences(int from, int low, int high, int length, int target) {
    for (int i = 1; i < length; i++) {
      int rest = (1 << 6 * i) - 1;
      if ((low & ~rest) != (high & ~rest)) {
        if ((low & rest) != 0) {
          sequences(from, low, low | rest, length, target);
          sequences(from, (low | rest) + 1, high, length, target);
          return;
        }
        if ((high & rest) != rest) {
          sequences(from, low, (high & ~rest) - 1, length, target);
          sequences(from, high & ~rest, high, length, target);
          return;
        }
      }
    }
    int at = target;
    for (int i = 0; i < length - 1; i++) {
      at = builder.via(0x80 | low >> 6 * i & 0x3F, 0x80 | high >> 6 * i & 0x3F, at);
    }
    builder.bytes(from, lead(low, length), lead(high, length), at);
  }

  private static int lead(int codePoint, int length) {
    int bits = codePoint >> 6 * (length - 1);
    return switch (length) {
      case 1 -> bits;
      case 2 -> 0xC0 | bits;
      case 3 -> 0xE0 | bits;
      default -> 0xF0 | bits;
    };
  }
}
