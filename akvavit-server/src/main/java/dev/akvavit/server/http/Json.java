package dev.akvavit.server.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON in and out: bodies of strangers are read within bounds, answers are written as maps. */
public final class Json {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads a request's body, which is one object.
   *
   * @throws ApiError when it is none
   */
  public static JsonNode read(byte[] body) {
    try {
      JsonNode node = MAPPER.readTree(body);
      if (node == null || !node.isObject()) {
        throw ApiError.refused(null, "invalid_json", "body: found no JSON object, allowed: one");
      }
      return node;
    } catch (JacksonException e) {
      throw ApiError.refused(null, "invalid_json", "body: no valid JSON" + place(e));
    }
  }

  /** Where the parser stopped; its own words quote the body and name classes. */
  private static String place(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : " at line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  /** A JSON text that is known to be well formed, such as a tool call's arguments. */
  public static JsonNode tree(String text) {
    return MAPPER.readTree(text);
  }

  /** The node as maps, lists, texts, numbers, truth and null. */
  public static @Nullable Object plain(JsonNode node) {
    return MAPPER.treeToValue(node, Object.class);
  }

  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** An object with its members in this order: name, value, name, value, … */
  public static Map<String, @Nullable Object> object(@Nullable Object... members) {
    Map<String, @Nullable Object> object = LinkedHashMap.newLinkedHashMap(members.length / 2);
    for (int i = 0; i < members.length; i += 2) {
      object.put(String.valueOf(members[i]), members[i + 1]);
    }
    return object;
  }
}
