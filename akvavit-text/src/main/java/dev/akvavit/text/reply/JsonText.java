package dev.akvavit.text.reply;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON within text: where a value ends, and calls as JSON objects, their arguments left as written.
 */
final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonText() {}

  /** Whether a text is one JSON object and nothing else. */
  static boolean object(String text) {
    return text.stripLeading().startsWith("{") && value(text);
  }

  /** Whether a text is one JSON value and nothing else. */
  static boolean value(String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }

  /**
   * Calls as JSON objects one after another, or in arrays; null if the text is anything else.
   *
   * <p>Between objects may stand white space, commas and semicolons.
   */
  static @Nullable List<Call> calls(String text) {
    List<Call> calls = new ArrayList<>();
    int at = next(text, 0);
    while (at < text.length()) {
      int end = text.charAt(at) == '{' ? call(text.substring(at), calls) : -1;
      if (end < 0) {
        return null;
      }
      at = next(text, at + end);
    }
    return calls.isEmpty() ? null : calls;
  }

  private static int next(String text, int from) {
    int at = from;
    while (at < text.length()
        && (Character.isWhitespace(text.charAt(at)) || "[],;".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    return at;
  }

  /** Reads the call that a text begins with; the characters it takes, or -1 if it is none. */
  private static int call(String text, List<Call> calls) {
    String id = null;
    String name = null;
    String arguments = "{}";
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "name" -> name = value == JsonToken.VALUE_STRING ? parser.getString() : null;
          case "id" -> id = value == JsonToken.VALUE_STRING ? parser.getString() : null;
          case "arguments", "parameters" -> {
            String found = arguments(text, parser, value);
            if (found == null) {
              return -1;
            }
            arguments = found;
          }
          default -> parser.skipChildren();
        }
      }
      if (name == null || parser.currentToken() != JsonToken.END_OBJECT) {
        return -1;
      }
      calls.add(new Call(id, name, arguments));
      return (int) parser.currentLocation().getCharOffset();
    } catch (JacksonException e) {
      return -1;
    }
  }

  private static @Nullable String arguments(String text, JsonParser parser, JsonToken value) {
    if (value == JsonToken.START_OBJECT) {
      int start = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      return text.substring(start, (int) parser.currentLocation().getCharOffset());
    }
    if (value == JsonToken.VALUE_STRING) {
      String within = parser.getString();
      return object(within) ? within : null;
    }
    return value == JsonToken.VALUE_NULL ? "{}" : null;
  }
}
