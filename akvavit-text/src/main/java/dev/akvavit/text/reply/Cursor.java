package dev.akvavit.text.reply;

import org.jspecify.annotations.Nullable;

/** A place in a block of marked text. */
final class Cursor {
  private final String text;
  private int at;

  Cursor(String text) {
    this.text = text;
  }

  Cursor spaces() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return this;
  }

  boolean done() {
    return at >= text.length();
  }

  /** Passes a marker, if it stands here. */
  boolean pass(String marker) {
    boolean here = text.startsWith(marker, at);
    at += here ? marker.length() : 0;
    return here;
  }

  /** The text up to a marker, which is passed; null if it does not come. */
  @Nullable String until(String marker) {
    int end = text.indexOf(marker, at);
    if (end < 0) {
      return null;
    }
    String before = text.substring(at, end);
    at = end + marker.length();
    return before;
  }

  /** The text up to a marker, which is passed, or to the end. */
  String untilOrEnd(String marker) {
    String before = until(marker);
    if (before == null) {
      before = text.substring(at);
      at = text.length();
    }
    return before;
  }

  String rest() {
    return text.substring(at);
  }
}
