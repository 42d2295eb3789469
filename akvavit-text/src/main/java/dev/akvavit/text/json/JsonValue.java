package dev.akvavit.text.json;

import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that knows where it stands: {@code tokenizer.json:
 * pre_tokenizer.pretokenizers[1].type}.
 *
 * @param file for messages
 * @param path from the root of the file; empty for the root
 * @param value a {@code Map}, {@code List}, {@code String}, {@code Number}, {@code Boolean} or null
 */
public record JsonValue(String file, String path, @Nullable Object value) {
  /** Whether the value is absent or null. */
  public boolean missing() {
    return value == null;
  }

  /** The member of an object; a missing value when there is none. */
  public JsonValue get(String key) {
    return new JsonValue(file, path.isEmpty() ? key : path + "." + key, object().get(key));
  }

  /** The members of an object, in file order. */
  public Map<String, JsonValue> members() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    object().keySet().forEach(key -> members.put(String.valueOf(key), get(String.valueOf(key))));
    return members;
  }

  /** The elements of an array; none when missing. */
  public List<JsonValue> items() {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw malformed("an array");
    }
    List<JsonValue> items = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      items.add(new JsonValue(file, path + "[" + i + "]", list.get(i)));
    }
    return items;
  }

  public String text() {
    if (value instanceof String text) {
      return text;
    }
    throw malformed("a string");
  }

  /** The text, or null when missing. */
  public @Nullable String textOrNull() {
    return value == null ? null : text();
  }

  public boolean flag(boolean fallback) {
    if (value == null) {
      return fallback;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw malformed("true or false");
  }

  /** A whole number from 0 to {@code limit - 1}. */
  public int index(int limit) {
    if (value instanceof Long number && number >= 0 && number < limit) {
      return number.intValue();
    }
    throw malformed("a whole number from 0 to " + (limit - 1));
  }

  public MalformedFileException malformed(String allowed) {
    return new MalformedFileException(file, name(), found(), allowed);
  }

  public UnsupportedModelException unsupported(String supported) {
    return new UnsupportedModelException(file, name(), found(), supported);
  }

  private Map<?, ?> object() {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw malformed("an object");
  }

  private String name() {
    return path.isEmpty() ? "the file" : path;
  }

  private String found() {
    if (value == null) {
      return "nothing";
    }
    String text =
        switch (value) {
          case Map<?, ?> map -> "an object of " + map.size();
          case List<?> list -> "an array of " + list.size();
          default -> value.toString();
        };
    return text.length() <= 120 ? text : text.substring(0, 120) + "…";
  }
}
