package dev.akvavit.server.dialects;

import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Part;
import dev.akvavit.server.http.EventStream;
import dev.akvavit.server.http.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stream of a message: blocks open, grow and close one after another. */
final class MessageEvents {
  private final EventStream events;
  private final AnthropicMessages.Shape shape;
  private int index = -1;
  private String open = ""; // the type of the block that grows

  MessageEvents(EventStream events, AnthropicMessages.Shape shape) {
    this.events = events;
    this.shape = shape;
  }

  void stream(Answers answers) {
    send("message_start", Json.object("message", shape.begun()));
    Ending ending =
        answers.read((i, part) -> part(part), () -> send("ping", Json.object())).getFirst();
    if (index < 0) {
      ensure("text", Json.object("type", "text", "text", ""));
    }
    close();
    send(
        "message_delta",
        Json.object(
            "delta",
            Json.object(
                "stop_reason", AnthropicMessages.Shape.stopReason(ending),
                "stop_sequence", ending.stop()),
            "usage",
            AnthropicMessages.Shape.usage(ending)));
    send("message_stop", Json.object());
  }

  private void part(Part part) {
    switch (part) {
      case Part.Content c when c.text().isEmpty() -> {}
      case Part.Content c -> {
        ensure("text", Json.object("type", "text", "text", ""));
        delta("text_delta", "text", c.text());
      }
      case Part.Reasoning r -> {
        ensure("thinking", Json.object("type", "thinking", "thinking", "", "signature", ""));
        delta("thinking_delta", "thinking", r.text());
      }
      case Part.Call call -> {
        close();
        ensure(
            "tool_use",
            Json.object(
                "type", "tool_use", "id", call.id(), "name", call.name(), "input", Json.object()));
        delta("input_json_delta", "partial_json", call.arguments());
      }
    }
  }

  private void ensure(String type, Map<String, @Nullable Object> block) {
    if (open.equals(type)) {
      return;
    }
    close();
    open = type;
    send("content_block_start", Json.object("index", ++index, "content_block", block));
  }

  private void delta(String type, String member, String text) {
    send(
        "content_block_delta",
        Json.object("index", index, "delta", Json.object("type", type, member, text)));
  }

  private void close() {
    if (!open.isEmpty()) {
      send("content_block_stop", Json.object("index", index));
      open = "";
    }
  }

  private void send(String event, Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> whole = Json.object("type", event);
    whole.putAll(body);
    events.send(event, whole);
  }
}
