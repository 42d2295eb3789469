package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schema within the schema, by its place.
 *
 * @param path a JSON pointer in a fragment, {@code #/properties/name}
 */
record SchemaNode(String path, @Nullable Object value) {
  boolean isTrue() {
    return Boolean.TRUE.equals(value);
  }

  boolean isFalse() {
    return Boolean.FALSE.equals(value);
  }

  /** The keywords; none for {@code true} and {@code false}. */
  Map<?, ?> keywords() {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    if (value instanceof Boolean) {
      return Map.of();
    }
    throw new SchemaException(path, "", "is no schema; an object, true or false is");
  }

  boolean has(String keyword) {
    return keywords().containsKey(keyword);
  }

  SchemaNode child(String... keys) {
    StringBuilder place = new StringBuilder(path);
    Object child = value;
    for (String key : keys) {
      place.append('/').append(key.replace("~", "~0").replace("/", "~1"));
      child =
          switch (child) {
            case Map<?, ?> map -> map.get(key);
            case List<?> list -> list.get(Integer.parseInt(key));
            case null, default -> throw new IllegalStateException(place.toString());
          };
    }
    return new SchemaNode(place.toString(), child);
  }

  /** The schemas in a keyword's array. */
  List<SchemaNode> list(String keyword) {
    if (!(keywords().get(keyword) instanceof List<?> list) || list.isEmpty()) {
      throw wrong(keyword, "an array of schemas, one at least");
    }
    List<SchemaNode> nodes = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      nodes.add(child(keyword, Integer.toString(i)));
    }
    return nodes;
  }

  /** The schemas in a keyword's object. */
  Map<String, SchemaNode> map(String keyword) {
    if (!(keywords().get(keyword) instanceof Map<?, ?> map)) {
      throw wrong(keyword, "an object of schemas");
    }
    Map<String, SchemaNode> nodes = new LinkedHashMap<>();
    map.keySet().forEach(key -> nodes.put((String) key, child(keyword, (String) key)));
    return nodes;
  }

  String text(String keyword) {
    if (keywords().get(keyword) instanceof String text) {
      return text;
    }
    throw wrong(keyword, "a string");
  }

  List<String> texts(String keyword) {
    if (!(keywords().get(keyword) instanceof List<?> list)) {
      throw wrong(keyword, "an array of strings");
    }
    List<String> texts = new ArrayList<>(list.size());
    for (Object element : list) {
      if (!(element instanceof String text)) {
        throw wrong(keyword, "an array of strings");
      }
      texts.add(text);
    }
    return texts;
  }

  BigDecimal number(String keyword) {
    if (keywords().get(keyword) instanceof BigDecimal number) {
      return number;
    }
    throw wrong(keyword, "a number");
  }

  /** A whole number from 0 to {@code most}. */
  int count(String keyword, int most) {
    BigDecimal number = number(keyword);
    if (number.signum() < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0
        || !Type.INTEGER.holds(number)) {
      throw wrong(keyword, "a whole number from 0 to " + most);
    }
    return number.intValue();
  }

  SchemaException wrong(String keyword, String allowed) {
    String found = Literals.json(keywords().get(keyword));
    String shown = found.length() <= 60 ? found : found.substring(0, 60) + "…";
    return new SchemaException(path, keyword, "is " + shown + "; it should be " + allowed);
  }
}
