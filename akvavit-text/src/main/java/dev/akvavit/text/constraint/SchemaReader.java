package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a schema's source into maps, lists, text, exact numbers, truth and null, within bounds. The
 * recursion is bounded by the parser's depth.
 */
final class SchemaReader {
  private static final int NUMBER_CHARS = 64;
  private static final int MOST_SCALE = 1000;

  private SchemaReader() {}

  static @Nullable Object read(String json, SchemaLimits limits) {
    byte[] source = json.getBytes(StandardCharsets.UTF_8);
    if (source.length > limits.sourceBytes()) {
      throw new SchemaException(
          "#", "", source.length + " bytes; at most " + limits.sourceBytes() + " are allowed");
    }
    StreamReadConstraints bounds =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.depth())
            .maxStringLength(limits.sourceBytes())
            .maxNameLength(limits.sourceBytes())
            .maxNumberLength(NUMBER_CHARS)
            .build();
    JsonFactory factory = JsonFactory.builder().streamReadConstraints(bounds).build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), source)) {
      if (parser.nextToken() == null) {
        throw new SchemaException("#", "", "an empty text; a schema is an object or true");
      }
      Object root = value(parser);
      if (parser.nextToken() != null) {
        throw new SchemaException("#", "", "more behind the schema; one JSON value is allowed");
      }
      return root;
    } catch (JacksonException e) {
      throw new SchemaException("#", "", "no JSON within its bounds: " + e.getOriginalMessage());
    }
  }

  private static @Nullable Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      default -> null;
    };
  }

  /** Exact arithmetic on far exponents would take memory in proportion to them. */
  private static BigDecimal number(JsonParser parser) {
    String spelled = parser.getString();
    try {
      BigDecimal number = new BigDecimal(spelled);
      if (Math.abs((long) number.scale()) <= MOST_SCALE) {
        return number;
      }
    } catch (NumberFormatException e) {
      // An exponent beyond an int: refused below.
    }
    throw new SchemaException(
        "#", "", "the number " + spelled + "; exponents to " + MOST_SCALE + " are allowed");
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (members.containsKey(key)) {
        throw new SchemaException("#", key, "stands twice in one object");
      }
      parser.nextToken();
      members.put(key, value(parser));
    }
    return members;
  }
}
