package dev.akvavit.server.dialects;

import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Json;
import dev.akvavit.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The messages of OpenAI's chat API. */
final class MessageFields {
  private static final int MAX_MESSAGES = 4096;
  static final int MAX_TEXT = 8 << 20;
  private static final int MAX_CALLS = 128;
  private static final int MAX_NAME = 256;
  private static final Set<String> MEMBERS =
      Set.of(
          "role",
          "content",
          "name",
          "tool_calls",
          "tool_call_id",
          "reasoning",
          "reasoning_content",
          "refusal",
          "annotations",
          "audio",
          "function_call");

  static final Field<List<ChatMessage>> MESSAGES =
      Field.of(
          "messages",
          "1..%d messages, each with role (%s) and content"
              .formatted(
                  MAX_MESSAGES, String.join(", ", ChatMessage.ROLES.stream().sorted().toList())),
          List.of(),
          (place, v) -> Field.list(place, v, MAX_MESSAGES, MessageFields::message));

  private MessageFields() {}

  private static ChatMessage message(Place place, JsonNode v) {
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    for (String member : v.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        throw place.refuse("member " + Field.shorten(member));
      }
    }
    String role = role(place.at(".role", "one of " + String.join(", ", ChatMessage.ROLES)), v);
    String content =
        content(place.at(".content", "a text, or a list of text parts"), v.get("content"));
    List<Map<String, Object>> calls =
        calls(place.at(".tool_calls", "a list of calls of functions"), v);
    if (content == null && calls.isEmpty()) {
      throw place.at(".content", "a text").refuse("none");
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    copy(place, v, "name", extra);
    copy(place, v, "tool_call_id", extra);
    String thought = optional(place, v, "reasoning_content", MAX_TEXT);
    return new ChatMessage(
        role,
        content,
        thought == null ? optional(place, v, "reasoning", MAX_TEXT) : thought,
        calls,
        extra);
  }

  private static String role(Place place, JsonNode message) {
    JsonNode v = message.get("role");
    if (v == null || !v.isString() || !ChatMessage.ROLES.contains(v.stringValue())) {
      throw v == null ? place.refuse("none") : place.refuse(v);
    }
    return v.stringValue();
  }

  /** A text, or its parts put together; pictures and sound are refused by name. */
  static @Nullable String content(Place place, @Nullable JsonNode v) {
    if (v == null || v.isNull()) {
      return null;
    }
    if (v.isString()) {
      return Field.text(place, v, MAX_TEXT);
    }
    StringBuilder text = new StringBuilder();
    for (String part : Field.list(place, v, MAX_MESSAGES, MessageFields::textPart)) {
      text.append(part);
    }
    return text.toString();
  }

  private static final Set<String> TEXT_TYPES = Set.of("text", "input_text", "output_text");

  private static String textPart(Place place, JsonNode v) {
    JsonNode type = v.get("type");
    JsonNode text = v.get("text");
    if (type == null || !type.isString() || !TEXT_TYPES.contains(type.stringValue())) {
      throw place.refuse(type == null ? "a part without a type" : "a part of type " + show(type));
    }
    if (text == null) {
      throw place.refuse("a part without a text");
    }
    return Field.text(place.at(".text", "a text"), text, MAX_TEXT);
  }

  private static String show(JsonNode type) {
    return Field.shorten(type.isString() ? type.stringValue() : type.toString());
  }

  private static List<Map<String, Object>> calls(Place place, JsonNode message) {
    JsonNode v = message.get("tool_calls");
    if (v == null || v.isNull()) {
      return List.of();
    }
    return new ArrayList<>(Field.list(place, v, MAX_CALLS, MessageFields::call));
  }

  private static Map<String, Object> call(Place place, JsonNode v) {
    JsonNode function = v.get("function");
    if (function == null || !function.isObject()) {
      throw place.refuse("a call without a function");
    }
    JsonNode name = function.get("name");
    JsonNode arguments = function.get("arguments");
    if (name == null || arguments == null) {
      throw place.refuse("a function without name or arguments");
    }
    return toolCall(
        optional(place, v, "id", MAX_NAME),
        Field.text(place.at(".function.name", "a text"), name, MAX_NAME),
        Field.text(place.at(".function.arguments", "a JSON text"), arguments, MAX_TEXT));
  }

  /** A call as templates expect it. */
  @SuppressWarnings("NullAway") // a map of JSON
  static Map<String, Object> toolCall(@Nullable String id, String name, String arguments) {
    Map<String, Object> call = new LinkedHashMap<>();
    if (id != null) {
      call.put("id", id);
    }
    call.put("type", "function");
    call.put("function", Json.object("name", name, "arguments", arguments));
    return call;
  }

  private static void copy(Place place, JsonNode v, String member, Map<String, Object> to) {
    String text = optional(place, v, member, MAX_NAME);
    if (text != null) {
      to.put(member, text);
    }
  }

  private static @Nullable String optional(Place place, JsonNode v, String member, int max) {
    JsonNode value = v.get(member);
    return value == null || value.isNull()
        ? null
        : Field.text(place.at("." + member, "a text of up to " + max + " characters"), value, max);
  }

  /** The messages of a request, at least one. */
  static List<ChatMessage> required(List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw ApiError.invalid(MESSAGES.name(), "none", MESSAGES.allowed());
    }
    return messages;
  }
}
