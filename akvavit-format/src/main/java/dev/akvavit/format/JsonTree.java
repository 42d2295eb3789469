package dev.akvavit.format;

import dev.akvavit.core.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * Builds a {@link Json} from tokens with a stack of its own, so that nesting costs heap and never
 * the thread's stack.
 */
final class JsonTree {
  /** A value that is not yet closed. */
  private sealed interface Open {}

  private static final class OpenMembers implements Open {
    private final Map<String, Json> map = new LinkedHashMap<>();
    private String key = "";
  }

  private static final class OpenElements implements Open {
    private final List<Json> list = new ArrayList<>();
  }

  private final JsonTokens tokens;
  private final Limits limits;
  private final Deque<Open> stack = new ArrayDeque<>();

  JsonTree(JsonTokens tokens, Limits limits) {
    this.tokens = tokens;
    this.limits = limits;
  }

  /** Reads the one value of the document and closes the tokens. */
  Json read() {
    try (tokens) {
      Json root = null;
      while (root == null) {
        root = put(value());
      }
      JsonToken rest = tokens.next();
      if (rest != null) {
        throw tokens.malformed("text after the value", tokens.described(rest), "nothing");
      }
      return root;
    }
  }

  /** Reads tokens until a value is complete: a leaf, or an object or array that was just closed. */
  private Json value() {
    while (true) {
      JsonToken token = tokens.next();
      switch (token) {
        case null -> throw tokens.malformed(path(), "the end of the text", "a JSON value");
        case START_OBJECT -> stack.push(new OpenMembers());
        case START_ARRAY -> stack.push(new OpenElements());
        case PROPERTY_NAME -> name(tokens.text());
        case END_OBJECT, END_ARRAY -> {
          return switch (stack.pop()) {
            case OpenMembers open -> new Json.Members(Collections.unmodifiableMap(open.map));
            case OpenElements open -> new Json.Elements(List.copyOf(open.list));
          };
        }
        case VALUE_STRING -> {
          return new Json.Text(tokens.text());
        }
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          return tokens.number(path());
        }
        case VALUE_TRUE, VALUE_FALSE -> {
          return new Json.Flag(token == JsonToken.VALUE_TRUE);
        }
        case VALUE_NULL -> {
          return Json.Null.NULL;
        }
        default -> throw tokens.malformed(path(), token.name(), "a JSON value");
      }
    }
  }

  private void name(String key) {
    OpenMembers open =
        (OpenMembers) stack.getFirst(); // the parser yields names inside objects only
    open.key = key;
    if (open.map.containsKey(key)) {
      throw tokens.malformed(path(), "the key twice", "each key once");
    }
  }

  /** Gives a complete value to what encloses it; returns it when nothing does. */
  private @Nullable Json put(Json value) {
    switch (stack.peek()) {
      case null -> {
        return value;
      }
      case OpenMembers open -> open.map.put(open.key, value);
      case OpenElements open -> {
        open.list.add(value);
        if (open.list.size() > limits.arrayElements()) {
          throw tokens.malformed(
              path(), "more elements", "at most " + limits.arrayElements() + " in an array");
        }
      }
    }
    return null;
  }

  /** Where the reader stands: {@code rope_scaling.factor}, {@code eos_token_id[1]}. */
  private String path() {
    StringBuilder path = new StringBuilder();
    stack.descendingIterator().forEachRemaining(open -> append(path, open));
    return path.isEmpty() ? "document" : path.toString();
  }

  private static void append(StringBuilder path, Open open) {
    switch (open) {
      case OpenMembers members ->
          path.append(path.isEmpty() ? "" : ".").append(Shown.key(members.key));
      case OpenElements elements -> path.append('[').append(elements.list.size()).append(']');
    }
  }
}
