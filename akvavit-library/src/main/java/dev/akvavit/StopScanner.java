package dev.akvavit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first stop text in a stream, and holds text back while it may still become one.
 * Whatever way the stream is cut, the same text comes out.
 */
final class StopScanner {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private @Nullable String found;

  StopScanner(List<String> stops) {
    this.stops = stops;
  }

  /** The text that is certain now. */
  String accept(String text) {
    if (stops.isEmpty() || found != null) {
      return found != null ? "" : text;
    }
    held.append(text);
    int end = firstStop();
    if (end >= 0) {
      return take(end);
    }
    return take(held.length() - longestBeginning());
  }

  /** What was held back, at the end of the stream. */
  String flush() {
    return found != null ? "" : take(held.length());
  }

  /** The stop text that was found, or null. */
  @Nullable String found() {
    return found;
  }

  /** Where the first stop begins, which is remembered; -1 when there is none. */
  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
        found = stop;
      }
    }
    return first;
  }

  /** Length of the longest end of the held text that begins a stop. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (stop.startsWith(held.substring(held.length() - n))) {
          longest = n;
        }
      }
    }
    return longest;
  }

  private String take(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }
}
