package dev.akvavit.text.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of a call, evaluated. */
record Given(int line, List<Value> values, Map<String, Value> named) {
  /** The argument at a place or of a name, or null. */
  @Nullable Value get(int place, String name) {
    return place < values.size() ? values.get(place) : named.get(name);
  }

  Value want(int place, String name) {
    Value value = get(place, name);
    if (value == null) {
      throw new TemplateException(line, "the argument \"" + name + "\" is missing");
    }
    return value;
  }

  Text text(int place, String name) {
    return Values.text(line, want(place, name), name);
  }

  /** The text of an argument that may be left out or be none. */
  @Nullable String textOrNull(int place, String name) {
    Value value = get(place, name);
    return value == null || value instanceof Value.None
        ? null
        : Values.text(line, value, name).string();
  }

  long whole(int place, String name, long fallback) {
    Value value = get(place, name);
    return value == null || value instanceof Value.None
        ? fallback
        : Values.whole(line, value, name);
  }

  boolean flag(int place, String name) {
    Value value = get(place, name);
    return value != null && Values.truth(value);
  }
}
