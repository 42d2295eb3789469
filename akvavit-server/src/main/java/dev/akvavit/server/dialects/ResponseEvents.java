package dev.akvavit.server.dialects;

import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Part;
import dev.akvavit.server.answers.Reply;
import dev.akvavit.server.http.EventStream;
import dev.akvavit.server.http.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stream of a response: items open, grow and close, each event numbered. */
final class ResponseEvents {
  private final EventStream events;
  private final OpenAiResponses.Shape shape;
  private final Reply reply = new Reply();
  private int number;
  private int items;
  private @Nullable Open open;

  /** The item that grows: its kind, its id, and its text so far. */
  private record Open(Kind kind, String id, String name, StringBuilder text) {}

  private enum Kind {
    REASONING,
    MESSAGE,
    CALL
  }

  ResponseEvents(EventStream events, OpenAiResponses.Shape shape) {
    this.events = events;
    this.shape = shape;
  }

  void stream(Answers answers) {
    send("response.created", Json.object("response", shape.begun()));
    send("response.in_progress", Json.object("response", shape.begun()));
    List<Ending> endings = answers.read((i, part) -> part(part), events::heartbeat);
    if (items == 0) {
      ensure(Kind.MESSAGE, shape.id() + "_msg", "");
    }
    close();
    Ending ending = endings.getFirst();
    send(
        ending.cut() ? "response.incomplete" : "response.completed",
        Json.object("response", shape.ended(reply, ending)));
  }

  private void part(Part part) {
    reply.add(part);
    switch (part) {
      case Part.Content c when c.text().isEmpty() -> {}
      case Part.Content c -> {
        ensure(Kind.MESSAGE, shape.id() + "_msg", "");
        grow("response.output_text.delta", c.text(), true);
      }
      case Part.Reasoning r -> {
        ensure(Kind.REASONING, shape.id() + "_rs", "");
        grow("response.reasoning_text.delta", r.text(), true);
      }
      case Part.Call call -> {
        close();
        ensure(Kind.CALL, call.id(), call.name());
        grow("response.function_call_arguments.delta", call.arguments(), false);
      }
    }
  }

  private void ensure(Kind kind, String id, String name) {
    if (open != null && open.kind() == kind) {
      return;
    }
    close();
    open = new Open(kind, id, name, new StringBuilder());
    send(
        "response.output_item.added",
        Json.object("output_index", items, "item", item(open, "in_progress")));
    if (kind == Kind.MESSAGE) {
      send("response.content_part.added", place(open, true, "part", ResponseItems.textPart("")));
    }
  }

  private void grow(String event, String delta, boolean inContent) {
    if (open != null) {
      open.text().append(delta);
      send(event, place(open, inContent, "delta", delta));
    }
  }

  private void close() {
    Open item = open;
    if (item == null) {
      return;
    }
    String text = item.text().toString();
    switch (item.kind()) {
      case MESSAGE -> {
        send("response.output_text.done", place(item, true, "text", text));
        send("response.content_part.done", place(item, true, "part", ResponseItems.textPart(text)));
      }
      case REASONING -> send("response.reasoning_text.done", place(item, true, "text", text));
      case CALL ->
          send("response.function_call_arguments.done", place(item, false, "arguments", text));
    }
    send(
        "response.output_item.done",
        Json.object("output_index", items, "item", item(item, "completed")));
    items++;
    open = null;
  }

  private static Map<String, @Nullable Object> item(Open item, String status) {
    String text = item.text().toString();
    return switch (item.kind()) {
      case REASONING -> ResponseItems.reasoning(item.id(), status, text);
      case MESSAGE ->
          ResponseItems.message(
              item.id(),
              status,
              status.equals("completed") ? List.of(ResponseItems.textPart(text)) : List.of());
      case CALL -> ResponseItems.functionCall(item.id(), item.name(), status, text);
    };
  }

  private Map<String, @Nullable Object> place(
      Open item, boolean inContent, String member, Object value) {
    Map<String, @Nullable Object> place =
        Json.object(
            "item_id",
            item.kind() == Kind.CALL ? "fc_" + item.id() : item.id(),
            "output_index",
            items);
    if (inContent) {
      place.put("content_index", 0);
    }
    place.put(member, value);
    return place;
  }

  private void send(String event, Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> whole = Json.object("type", event, "sequence_number", number++);
    whole.putAll(body);
    events.send(event, whole);
  }
}
