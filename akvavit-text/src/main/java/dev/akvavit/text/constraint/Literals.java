package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values spelled out, for {@code enum} and {@code const}: a trie of their one compact spelling. */
final class Literals {
  private record Edge(int state, byte write) {}

  private final AutomatonBuilder builder;

  Literals(AutomatonBuilder builder) {
    this.builder = builder;
  }

  /** Any one of the values, then the end of the rule. */
  void add(int from, List<@Nullable Object> values) {
    Map<Edge, Integer> edges = new HashMap<>();
    for (Object value : values) {
      int at = from;
      for (byte b : json(value).getBytes(StandardCharsets.UTF_8)) {
        Edge edge = new Edge(at, b);
        Integer next = edges.get(edge);
        if (next == null) {
          next = builder.state();
          edges.put(edge, next);
          builder.bytes(at, b & 0xFF, b & 0xFF, next);
        }
        at = next;
      }
      builder.end(at);
    }
  }

  /** The compact spelling. */
  static String json(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  /** Depth is bounded by that of the source. */
  private static void write(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case String text -> quote(text, out);
      case BigDecimal number -> out.append(number);
      case List<?> list -> {
        String between = "[";
        for (Object element : list) {
          write(element, out.append(between));
          between = ",";
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case Map<?, ?> map -> {
        String between = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          quote((String) entry.getKey(), out.append(between));
          write(entry.getValue(), out.append(':'));
          between = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      default -> out.append(value); // true or false
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || loneSurrogate(text, i)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean loneSurrogate(String text, int i) {
    char c = text.charAt(i);
    boolean paired =
        Character.isHighSurrogate(c)
            ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
            : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    return Character.isSurrogate(c) && !paired;
  }
}
