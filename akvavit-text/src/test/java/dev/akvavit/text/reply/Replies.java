package dev.akvavit.text.reply;

import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Vocabularies;
import dev.akvavit.text.template.ChatEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Answers to parse, and what comes of them. */
final class Replies {
  static final List<?> TOOLS =
      List.of(
          Map.of(
              "type",
              "function",
              "function",
              Map.of(
                  "name",
                  "look",
                  "parameters",
                  Map.of("properties", Map.of("place", Map.of("type", "string"))))));

  private static final Tokenizer PLAIN = Vocabularies.withControls(List.of("<|end|>"), List.of());

  private Replies() {}

  /** The format of a template with this source. */
  static ReplyFormat format(String source) {
    return format(source, PLAIN);
  }

  static ReplyFormat format(String source, Tokenizer tokenizer) {
    return ReplyFormat.of(encoder(source), tokenizer);
  }

  private static ChatEncoder encoder(String source) {
    return new ChatEncoder() {
      @Override
      public Prompt render(
          List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras) {
        return Prompt.EMPTY;
      }

      @Override
      public String source() {
        return source;
      }

      @Override
      public boolean tools() {
        return source.contains("tools");
      }
    };
  }

  /** The events of an answer in one piece. */
  static List<ReplyEvent> parsed(ReplyFormat format, boolean inside, List<?> tools, String text) {
    return parsed(format, inside, tools, List.of(text));
  }

  /** The events of an answer in pieces, those of one kind put together. */
  static List<ReplyEvent> parsed(
      ReplyFormat format, boolean inside, List<?> tools, List<String> pieces) {
    List<ReplyEvent> events = new ArrayList<>();
    ReplyParser parser = format.parser(inside, tools, new SplittableRandom(1));
    pieces.forEach(piece -> parser.accept(-1, piece, events::add));
    parser.end(events::add);
    return joined(events);
  }

  static List<ReplyEvent> joined(List<ReplyEvent> events) {
    List<ReplyEvent> joined = new ArrayList<>();
    for (ReplyEvent event : events) {
      ReplyEvent last = joined.isEmpty() ? null : joined.getLast();
      switch (event) {
        case ReplyEvent.Content(String more) when last instanceof ReplyEvent.Content(String text) ->
            joined.set(joined.size() - 1, new ReplyEvent.Content(text + more));
        case ReplyEvent.Reasoning(String more)
            when last instanceof ReplyEvent.Reasoning(String text) ->
            joined.set(joined.size() - 1, new ReplyEvent.Reasoning(text + more));
        default -> joined.add(event);
      }
    }
    return joined;
  }

  /** Events in a short spelling: {@code (thought)}, text, {@code name{…}}. */
  static String told(List<ReplyEvent> events) {
    StringBuilder out = new StringBuilder();
    for (ReplyEvent event : events) {
      switch (event) {
        case ReplyEvent.Content content -> out.append(content.text());
        case ReplyEvent.Reasoning thought -> out.append('(').append(thought.text()).append(')');
        case ReplyEvent.ToolCall call ->
            out.append('«').append(call.name()).append(call.arguments()).append('»');
      }
    }
    return out.toString();
  }
}
