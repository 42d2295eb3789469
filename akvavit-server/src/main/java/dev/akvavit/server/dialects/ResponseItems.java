package dev.akvavit.server.dialects;

import dev.akvavit.server.answers.Part;
import dev.akvavit.server.answers.Reply;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Json;
import dev.akvavit.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Items of the responses API: messages, calls and their outputs, thoughts. */
final class ResponseItems {
  private static final int MAX_ITEMS = 4096;
  private static final int MAX_NAME = 256;

  static final Field<List<ChatMessage>> INPUT =
      Field.of(
          "input",
          "a text, or up to "
              + MAX_ITEMS
              + " items of type message, function_call, function_call_output or reasoning",
          List.of(),
          (place, v) ->
              v.isString()
                  ? List.of(ChatMessage.user(Field.text(place, v, MessageFields.MAX_TEXT)))
                  : joined(Field.list(place, v, MAX_ITEMS, ResponseItems::item)));

  private ResponseItems() {}

  static List<ChatMessage> required(List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw ApiError.invalid(INPUT.name(), "none", INPUT.allowed());
    }
    return messages;
  }

  private static ChatMessage item(Place place, JsonNode v) {
    if (!v.isObject()) {
      throw place.refuse(v);
    }
    JsonNode type = v.get("type");
    return switch (type == null ? "message" : type.isString() ? type.stringValue() : "") {
      case "message" -> message(place, v);
      case "function_call" -> call(place, v);
      case "function_call_output" -> output(place, v);
      case "reasoning" -> thought(place, v);
      default -> throw place.refuse(type == null ? v : type);
    };
  }

  private static ChatMessage message(Place place, JsonNode v) {
    JsonNode role = v.get("role");
    if (role == null || !role.isString() || !ChatMessage.ROLES.contains(role.stringValue())) {
      Place roles = place.at(".role", "one of " + String.join(", ", ChatMessage.ROLES));
      throw role == null ? roles.refuse("none") : roles.refuse(role);
    }
    Place at = place.at(".content", "a text, or a list of text parts");
    String content = MessageFields.content(at, v.get("content"));
    if (content == null) {
      throw at.refuse("none");
    }
    return new ChatMessage(role.stringValue(), content);
  }

  private static ChatMessage call(Place place, JsonNode v) {
    return new ChatMessage(
        "assistant",
        null,
        null,
        List.of(
            MessageFields.toolCall(
                text(place, v, "call_id"), text(place, v, "name"), text(place, v, "arguments"))),
        Map.of());
  }

  private static ChatMessage output(Place place, JsonNode v) {
    Place at = place.at(".output", "a text, or a list of text parts");
    String output = MessageFields.content(at, v.get("output"));
    if (output == null) {
      throw at.refuse("none");
    }
    return new ChatMessage(
        "tool", output, null, List.of(), Map.of("tool_call_id", text(place, v, "call_id")));
  }

  private static ChatMessage thought(Place place, JsonNode v) {
    StringBuilder thought = new StringBuilder();
    JsonNode parts = v.get("content");
    if (parts != null && parts.isArray()) {
      parts.forEach(part -> thought.append(part.path("text").asString("")));
    }
    return new ChatMessage("assistant", null, thought.toString(), List.of(), Map.of());
  }

  private static String text(Place place, JsonNode v, String member) {
    JsonNode value = v.get(member);
    int most = member.equals("arguments") ? MessageFields.MAX_TEXT : MAX_NAME;
    Place at = place.at("." + member, "a text");
    if (value == null) {
      throw at.refuse("none");
    }
    return Field.text(at, value, most);
  }

  /** Neighbouring items of the assistant's are one message: thought, words and calls. */
  private static List<ChatMessage> joined(List<ChatMessage> items) {
    List<ChatMessage> messages = new ArrayList<>();
    for (ChatMessage item : items) {
      ChatMessage last = messages.isEmpty() ? null : messages.getLast();
      if (last != null && last.role().equals("assistant") && item.role().equals("assistant")) {
        List<Map<String, Object>> calls = new ArrayList<>(last.toolCalls());
        calls.addAll(item.toolCalls());
        messages.set(
            messages.size() - 1,
            new ChatMessage(
                "assistant",
                both(last.content(), item.content()),
                both(last.reasoning(), item.reasoning()),
                calls,
                Map.of()));
      } else {
        messages.add(item);
      }
    }
    return messages;
  }

  private static @Nullable String both(@Nullable String first, @Nullable String second) {
    return first == null ? second : second == null ? first : first + second;
  }

  /** A whole answer as items. */
  static List<Object> output(String id, Reply reply) {
    List<Object> items = new ArrayList<>();
    if (!reply.reasoning().isEmpty()) {
      items.add(reasoning(id + "_rs", "completed", reply.reasoning()));
    }
    if (!reply.content().isEmpty() || reply.calls().isEmpty()) {
      items.add(message(id + "_msg", "completed", List.of(textPart(reply.content()))));
    }
    for (Part.Call call : reply.calls()) {
      items.add(functionCall(call.id(), call.name(), "completed", call.arguments()));
    }
    return items;
  }

  static Map<String, @Nullable Object> message(String id, String status, List<?> content) {
    return Json.object(
        "id", id, "type", "message", "status", status, "role", "assistant", "content", content);
  }

  static Map<String, @Nullable Object> textPart(String text) {
    return Json.object("type", "output_text", "text", text, "annotations", List.of());
  }

  static Map<String, @Nullable Object> reasoning(String id, String status, String text) {
    return Json.object(
        "id",
        id,
        "type",
        "reasoning",
        "status",
        status,
        "summary",
        List.of(),
        "content",
        text.isEmpty() ? List.of() : List.of(Json.object("type", "reasoning_text", "text", text)));
  }

  static Map<String, @Nullable Object> functionCall(
      String callId, String name, String status, String arguments) {
    return Json.object(
        "id", "fc_" + callId,
        "type", "function_call",
        "status", status,
        "call_id", callId,
        "name", name,
        "arguments", arguments);
  }
}
