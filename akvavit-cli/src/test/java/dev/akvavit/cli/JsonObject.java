package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A parsed JSON object: maps, lists, strings, numbers, booleans. */
record JsonObject(Map<?, ?> values) {

  static JsonObject of(String text) {
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      JsonObject object = new JsonObject((Map<?, ?>) value(parser));
      if (parser.nextToken() != null) {
        throw new AssertionError("more than one JSON value in: " + text);
      }
      return object;
    }
  }

  private static Object value(JsonParser p) {
    return switch (p.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (p.nextToken() != JsonToken.END_OBJECT) {
          String name = p.currentName();
          p.nextToken();
          map.put(name, value(p));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (p.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(p));
        }
        yield list;
      }
      case VALUE_STRING -> p.getString();
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> p.getBooleanValue();
      default -> p.getDoubleValue();
    };
  }

  double number(String name) {
    return (Double) values.get(name);
  }

  String text(String name) {
    return (String) values.get(name);
  }

  boolean flag(String name) {
    return (Boolean) values.get(name);
  }

  List<JsonObject> objects(String name) {
    return ((List<?>) values.get(name)).stream().map(v -> new JsonObject((Map<?, ?>) v)).toList();
  }

  JsonObject object(String name) {
    return new JsonObject((Map<?, ?>) values.get(name));
  }
}
