package dev.akvavit.format;

/** Text from a file as it may appear in a message: quoted, short, without control characters. */
final class Shown {
  private static final int VALUE = 80;
  private static final int SENTENCE = 240;

  private Shown() {}

  static String quoted(String text) {
    return '"' + plain(text) + '"';
  }

  /** A name or key: as it is, unless it would not be seen. */
  static String key(String text) {
    return text.isBlank() ? quoted(text) : plain(text);
  }

  static String plain(String text) {
    return plain(text, VALUE);
  }

  /** A message of the JSON parser, which may quote the file. */
  static String sentence(String text) {
    return plain(text, SENTENCE);
  }

  private static String plain(String text, int longest) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (shown.length() >= longest) {
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
