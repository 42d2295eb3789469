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

/** Anthropic's messages, whose contents are blocks: text, thinking, tool_use, tool_result. */
final class MessageBlocks {
  private static final int MAX_MESSAGES = 4096;
  private static final int MAX_NAME = 256;
  private static final String BLOCKS =
      "a text, or a list of blocks of type text, thinking, tool_use or tool_result";

  static final Field<@Nullable String> SYSTEM =
      Field.of("system", "a text, or a list of text blocks", null, MessageFields::content);

  static final Field<List<ChatMessage>> MESSAGES =
      Field.of(
          "messages",
          "1.." + MAX_MESSAGES + " messages, each with role (user, assistant) and content",
          List.of(),
          (place, v) ->
              Field.list(place, v, MAX_MESSAGES, MessageBlocks::message).stream()
                  .flatMap(List::stream)
                  .toList());

  private MessageBlocks() {}

  static List<ChatMessage> conversation(@Nullable String system, List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw ApiError.invalid(MESSAGES.name(), "none", MESSAGES.allowed());
    }
    List<ChatMessage> all = new ArrayList<>();
    if (system != null) {
      all.add(ChatMessage.system(system));
    }
    all.addAll(messages);
    return all;
  }

  /** One message; results of tools become messages of their own. */
  private static List<ChatMessage> message(Place place, JsonNode v) {
    JsonNode role = v.get("role");
    if (role == null
        || !role.isString()
        || !(role.stringValue().equals("user") || role.stringValue().equals("assistant"))) {
      Place roles = place.at(".role", "user or assistant");
      throw role == null ? roles.refuse("none") : roles.refuse(role);
    }
    JsonNode content = v.get("content");
    Place at = place.at(".content", BLOCKS);
    if (content == null || content.isNull()) {
      throw at.refuse("none");
    }
    if (content.isString()) {
      return List.of(
          new ChatMessage(role.stringValue(), Field.text(at, content, MessageFields.MAX_TEXT)));
    }
    Blocks blocks = new Blocks(role.stringValue());
    Field.list(at, content, MAX_MESSAGES, blocks::read);
    return blocks.messages();
  }

  /** The blocks of one message, sorted by what they are. */
  private static final class Blocks {
    private final String role;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thought = new StringBuilder();
    private final List<Map<String, Object>> calls = new ArrayList<>();
    private final List<ChatMessage> results = new ArrayList<>();

    Blocks(String role) {
      this.role = role;
    }

    boolean read(Place place, JsonNode v) {
      JsonNode type = v.get("type");
      switch (type != null && type.isString() ? type.stringValue() : "") {
        case "text" -> text.append(member(place, v, "text", MessageFields.MAX_TEXT));
        case "thinking" -> thought.append(member(place, v, "thinking", MessageFields.MAX_TEXT));
        case "redacted_thinking" -> {}
        case "tool_use" -> calls.add(call(place, v));
        case "tool_result" -> results.add(result(place, v));
        default -> throw place.refuse(type == null ? v : type);
      }
      return true;
    }

    private static Map<String, Object> call(Place place, JsonNode v) {
      JsonNode input = v.get("input");
      if (input == null || !input.isObject()) {
        throw place.at(".input", "an object").refuse(input == null ? v : input);
      }
      return MessageFields.toolCall(
          member(place, v, "id", MAX_NAME), member(place, v, "name", MAX_NAME), Json.text(input));
    }

    private static ChatMessage result(Place place, JsonNode v) {
      String content =
          MessageFields.content(place.at(".content", "a text, or text blocks"), v.get("content"));
      return new ChatMessage(
          "tool",
          content == null ? "" : content,
          null,
          List.of(),
          Map.of("tool_call_id", member(place, v, "tool_use_id", MAX_NAME)));
    }

    private static String member(Place place, JsonNode v, String name, int most) {
      JsonNode value = v.get(name);
      Place at = place.at("." + name, "a text");
      if (value == null) {
        throw at.refuse("none");
      }
      return Field.text(at, value, most);
    }

    List<ChatMessage> messages() {
      List<ChatMessage> messages = new ArrayList<>(results);
      if (!text.isEmpty() || !calls.isEmpty() || !thought.isEmpty() || results.isEmpty()) {
        messages.add(
            new ChatMessage(
                role,
                text.isEmpty() && !calls.isEmpty() ? null : text.toString(),
                thought.isEmpty() ? null : thought.toString(),
                calls,
                Map.of()));
      }
      return messages;
    }
  }

  /** A whole answer as blocks. */
  static List<Object> content(Reply reply) {
    List<Object> blocks = new ArrayList<>();
    if (!reply.reasoning().isEmpty()) {
      blocks.add(Json.object("type", "thinking", "thinking", reply.reasoning(), "signature", ""));
    }
    if (!reply.content().isEmpty() || reply.calls().isEmpty()) {
      blocks.add(Json.object("type", "text", "text", reply.content()));
    }
    for (Part.Call call : reply.calls()) {
      blocks.add(
          Json.object(
              "type", "tool_use",
              "id", call.id(),
              "name", call.name(),
              "input", Json.plain(Json.tree(call.arguments()))));
    }
    return blocks;
  }
}
