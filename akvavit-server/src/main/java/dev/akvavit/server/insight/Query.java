package dev.akvavit.server.insight;

import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parameters of a query, each within its bounds. */
final class Query {
  private static final int SHOWN = 40;

  private Query() {}

  /**
   * A whole number.
   *
   * @param absent when the query does not name it
   * @throws ApiError naming the parameter, the value and the bounds
   */
  static long whole(Call call, String name, long low, long high, long absent) {
    String text = given(call, name);
    if (text == null) {
      return absent;
    }
    String allowed = "a whole number in " + low + ".." + high;
    try {
      long value = Long.parseLong(text);
      if (value >= low && value <= high) {
        return value;
      }
      throw ApiError.invalid(name, text, allowed);
    } catch (NumberFormatException e) {
      throw ApiError.invalid(name, show(text), allowed);
    }
  }

  /** A number above 0; 0 when the query does not name it. */
  static double positive(Call call, String name, double high) {
    String text = given(call, name);
    if (text == null) {
      return 0;
    }
    String allowed = "a number above 0, up to " + (long) high;
    try {
      double value = Double.parseDouble(text);
      if (value > 0 && value <= high) {
        return value;
      }
      throw ApiError.invalid(name, show(text), allowed);
    } catch (NumberFormatException e) {
      throw ApiError.invalid(name, show(text), allowed);
    }
  }

  /** One of some words; the first when the query does not name it. */
  static String choice(Call call, String name, List<String> allowed) {
    String text = given(call, name);
    if (text == null) {
      return allowed.getFirst();
    }
    if (!allowed.contains(text)) {
      throw ApiError.invalid(name, show(text), "one of " + String.join(", ", allowed));
    }
    return text;
  }

  /** A parameter that is there and not empty, or null. */
  static @Nullable String given(Call call, String name) {
    String text = call.query(name);
    return text == null || text.isEmpty() ? null : text;
  }

  /** Quoted, and not all of it when it is long. */
  static String show(String text) {
    return '"' + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…") + '"';
  }
}
