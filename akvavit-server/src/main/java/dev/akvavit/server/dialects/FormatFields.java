package dev.akvavit.server.dialects;

import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.http.Json;
import tools.jackson.databind.JsonNode;

/** The form that an answer must have. */
final class FormatFields {
  private static final String ALLOWED =
      "an object with type text, json_object, or json_schema and a schema";

  /** What an answer's text must be. */
  sealed interface Format {
    /** Anything. */
    record Text() implements Format {}

    /** Any JSON object. */
    record AnyObject() implements Format {}

    /** JSON of a schema, given as JSON text. */
    record Schema(String schema) implements Format {}
  }

  /** The chat API: the schema lies in {@code json_schema.schema}. */
  static final Field<Format> RESPONSE_FORMAT =
      Field.of(
          "response_format",
          ALLOWED,
          new Format.Text(),
          (place, v) -> format(place, v, v.path("json_schema").get("schema")));

  /** The responses API: {@code text.format}, with the schema in it. */
  static final Field<Format> TEXT =
      Field.of(
          "text",
          "an object with format: " + ALLOWED,
          new Format.Text(),
          (place, v) -> {
            if (!v.isObject()) {
              throw place.refuse(v);
            }
            JsonNode format = v.get("format");
            return format == null || format.isNull()
                ? new Format.Text()
                : format(place.at(".format", ALLOWED), format, format.get("schema"));
          });

  private FormatFields() {}

  private static Format format(
      Place place, JsonNode v, @org.jspecify.annotations.Nullable JsonNode schema) {
    JsonNode type = v.get("type");
    if (type == null || !type.isString()) {
      throw place.refuse(v);
    }
    return switch (type.stringValue()) {
      case "text" -> new Format.Text();
      case "json_object" -> new Format.AnyObject();
      case "json_schema" -> {
        if (schema == null || !(schema.isObject() || schema.isBoolean())) {
          throw place.refuse("json_schema without a schema");
        }
        yield new Format.Schema(Json.text(schema));
      }
      default -> throw place.refuse(type);
    };
  }
}
