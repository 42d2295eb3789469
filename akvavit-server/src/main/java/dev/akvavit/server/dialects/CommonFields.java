package dev.akvavit.server.dialects;

import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows about the request itself that several dialects share. */
final class CommonFields {
  static final Field<@Nullable String> MODEL = Field.text("model", 256);
  static final Field<Boolean> STREAM = Field.flag("stream", false);

  /** Whether a stream ends with a chunk that tells the usage. */
  static final Field<Boolean> STREAM_USAGE =
      Field.of(
          "stream_options",
          "an object with include_usage, true or false",
          false,
          CommonFields::includeUsage);

  private CommonFields() {}

  private static boolean includeUsage(Place place, JsonNode v) {
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    boolean include = false;
    for (var member : v.properties()) {
      if (!member.getValue().isBoolean()) {
        throw place.refuse(member.getValue());
      }
      switch (member.getKey()) {
        case "include_usage" -> include = member.getValue().booleanValue();
        case "include_obfuscation" -> {} // nothing here is worth hiding on a local line
        default -> throw place.refuse("member " + Field.shorten(member.getKey()));
      }
    }
    return include;
  }
}
