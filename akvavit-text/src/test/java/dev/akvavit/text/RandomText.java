package dev.akvavit.text;

import java.util.Random;

/** Strings over all of Unicode: mostly plain, often strange, sometimes with half a code point. */
final class RandomText {
  private static final String STRANGE =
      " \t\r\n\u00a0\u0085\u200d\u200b\ufeff\u2028\u3000▁'’<|>_é\u0301\u0316\u0f71\ufffd";

  private RandomText() {}

  static String of(Random random, int longest) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(longest + 1);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> text.append((char) (' ' + random.nextInt(95)));
        case 3 -> text.append(STRANGE.charAt(random.nextInt(STRANGE.length())));
        case 4 -> text.append((char) random.nextInt(0x800));
        case 5 -> text.append((char) random.nextInt(0x10000)); // may be half a pair
        case 6 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
        default -> text.append("hello ", 0, 1 + random.nextInt(6));
      }
    }
    return text.toString();
  }
}
