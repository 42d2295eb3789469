package dev.akvavit.format;

/** Text from a file as it may appear in a message: quoted, short, without control characters. */
final class Shown {
  private static final int LONGEST = 80;

  private Shown() {}

  static String quoted(String text) {
    return '"' + plain(text) + '"';
  }

  static String plain(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (shown.length() >= LONGEST) {
        return shown.append("… (").append(text.length()).append(" characters)").toString();
      }
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7F && c < 0xA0 || Character.isSurrogate(c) || c == '\u2028') {
        shown.append(String.format("\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }
}
