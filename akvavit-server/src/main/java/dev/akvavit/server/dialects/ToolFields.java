package dev.akvavit.server.dialects;

import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Tools that a model may call. Dialects wrap them differently; templates get them as the chat API
 * spells them.
 */
final class ToolFields {
  private static final int MAX_TOOLS = 128;
  private static final int MAX_DESCRIPTION = 64 << 10;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final String LIST = "up to " + MAX_TOOLS + " tools";

  /** A function that the model may ask its caller to run. */
  record Tool(String name, Map<String, @Nullable Object> definition) {}

  /** Whether and what the model calls. */
  sealed interface Choice {
    /** As it likes. */
    record Auto() implements Choice {}

    /** Nothing. */
    record None() implements Choice {}

    /** Something. */
    record Required() implements Choice {}

    /** This one. */
    record Named(String name) implements Choice {}
  }

  /** The chat API: {@code {"type": "function", "function": {…}}}. */
  static final Field<List<Tool>> TOOLS =
      Field.of(
          "tools",
          LIST + " of type function, each with name, description and parameters",
          List.of(),
          (place, v) ->
              Field.list(place, v, MAX_TOOLS, (at, t) -> tool(at, function(at, t), "parameters")));

  /** The responses API: the same without the inner object. */
  static final Field<List<Tool>> FLAT_TOOLS =
      Field.of(
          "tools",
          LIST + " of type function, each with name, description and parameters",
          List.of(),
          (place, v) ->
              Field.list(place, v, MAX_TOOLS, (at, t) -> tool(at, typed(at, t), "parameters")));

  /** Anthropic's: name, description and input_schema. */
  static final Field<List<Tool>> SCHEMA_TOOLS =
      Field.of(
          "tools",
          LIST + ", each with name, description and input_schema",
          List.of(),
          (place, v) -> Field.list(place, v, MAX_TOOLS, (at, t) -> tool(at, t, "input_schema")));

  static final Field<Choice> TOOL_CHOICE =
      Field.of(
          "tool_choice",
          "none, auto, required, or an object that names one function",
          new Choice.Auto(),
          ToolFields::choice);

  /** Anthropic's: an object with a type. */
  static final Field<Choice> TYPED_CHOICE =
      Field.of(
          "tool_choice",
          "an object with type auto, any, none, or tool and a name",
          new Choice.Auto(),
          ToolFields::typedChoice);

  /** A model calls as many tools as it likes; a single call is had by {@code tool_choice}. */
  static final Field<Boolean> PARALLEL =
      Field.of(
          "parallel_tool_calls",
          "true; for one call at most, name it or ask for it by tool_choice",
          true,
          (place, v) -> {
            if (!v.isBoolean() || !v.booleanValue()) {
              throw place.refuse(v);
            }
            return true;
          });

  private static final Set<String> TOOL_MEMBERS =
      Set.of(
          "type", "name", "description", "parameters", "input_schema", "strict", "cache_control");

  private ToolFields() {}

  private static JsonNode typed(Place place, JsonNode v) {
    JsonNode type = v.get("type");
    if (type == null || !type.isString() || !type.stringValue().equals("function")) {
      throw place.refuse(type == null ? v : type);
    }
    return v;
  }

  private static JsonNode function(Place place, JsonNode v) {
    JsonNode function = typed(place, v).get("function");
    if (function == null || !function.isObject()) {
      throw place.refuse("no function");
    }
    return function;
  }

  private static Tool tool(Place place, JsonNode v, String schemaMember) {
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    for (String member : v.propertyNames()) {
      if (!TOOL_MEMBERS.contains(member)) {
        throw place.refuse("member " + Field.shorten(member));
      }
    }
    JsonNode name = v.get("name");
    if (name == null || !name.isString() || !NAME.matcher(name.stringValue()).matches()) {
      Place named = place.at(".name", "1..64 letters, digits, _, . and -");
      throw name == null ? named.refuse("none") : named.refuse(name);
    }
    Map<String, @Nullable Object> definition = new LinkedHashMap<>();
    definition.put("name", name.stringValue());
    JsonNode description = v.get("description");
    if (description != null && !description.isNull()) {
      definition.put(
          "description",
          Field.text(place.at(".description", "a text"), description, MAX_DESCRIPTION));
    }
    JsonNode schema = v.get(schemaMember);
    if (schema != null && !schema.isNull() && !schema.isObject()) {
      throw place.at("." + schemaMember, "a JSON schema, which is an object").refuse(schema);
    }
    definition.put(
        "parameters",
        schema == null || schema.isNull()
            ? Json.object("type", "object", "properties", Json.object())
            : Json.plain(schema));
    return new Tool(name.stringValue(), definition);
  }

  private static Choice choice(Place place, JsonNode v) {
    if (v.isString()) {
      return switch (v.stringValue()) {
        case "none" -> new Choice.None();
        case "auto" -> new Choice.Auto();
        case "required" -> new Choice.Required();
        default -> throw place.refuse(v);
      };
    }
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    JsonNode function = v.get("function");
    return named(place, function == null ? v : function);
  }

  private static Choice typedChoice(Place place, JsonNode v) {
    JsonNode type = v.get("type");
    if (type == null || !type.isString()) {
      throw place.refuse(v);
    }
    return switch (type.stringValue()) {
      case "none" -> new Choice.None();
      case "auto" -> new Choice.Auto();
      case "any" -> new Choice.Required();
      case "tool" -> named(place, v);
      default -> throw place.refuse(type);
    };
  }

  private static Choice named(Place place, JsonNode v) {
    JsonNode name = v.get("name");
    if (name == null || !name.isString()) {
      throw place.refuse(v);
    }
    return new Choice.Named(name.stringValue());
  }

  /** Refuses a choice that names no tool, or asks for one where there is none. */
  static void requireOffered(List<Tool> tools, Choice choice) {
    boolean offered =
        switch (choice) {
          case Choice.Named(String name) -> tools.stream().anyMatch(t -> t.name().equals(name));
          case Choice.Required _ -> !tools.isEmpty();
          case Choice.Auto _, Choice.None _ -> true;
        };
    if (!offered) {
      throw ApiError.refused(
          "tool_choice",
          "invalid_value",
          "tool_choice: found a choice of a tool that tools does not offer");
    }
  }

  /** As templates expect them: wrapped like the chat API's. */
  static List<Object> forTemplate(List<Tool> tools) {
    return tools.stream()
        .<Object>map(t -> Json.object("type", "function", "function", t.definition()))
        .toList();
  }

  /** The schema of a call that has to be made: of one of the tools, or of the one that is named. */
  static Map<String, @Nullable Object> callSchema(List<Tool> tools, Choice choice) {
    List<Object> calls =
        tools.stream()
            .filter(t -> !(choice instanceof Choice.Named(String name)) || t.name().equals(name))
            .<Object>map(t ->
                Json.object(
                    "type",
                    "object",
                    "properties",
                    Json.object(
                        "name", Json.object("const", t.name()),
                        "arguments", t.definition().get("parameters")),
                    "required",
                    List.of("name", "arguments"),
                    "additionalProperties",
                    false))
            .toList();
    return Json.object("anyOf", calls);
  }
}
