package dev.akvavit.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Goldens;
import dev.akvavit.text.json.JsonValue;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whole templates and single constructs against what Jinja2 3.1.6 renders, set up as Hugging Face
 * does.
 */
class ChatGoldenTest {
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  private static ChatMessage message(JsonValue json) {
    Map<String, Object> extra = new LinkedHashMap<>();
    if (!json.get("tool_call_id").missing()) {
      extra.put("tool_call_id", json.get("tool_call_id").text());
    }
    return new ChatMessage(
        json.get("role").text(),
        json.get("content").textOrNull(),
        json.get("reasoning_content").textOrNull(),
        json.get("tool_calls").items().stream().map(ChatGoldenTest::map).toList(),
        extra);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(JsonValue json) {
    return (Map<String, Object>) json.value();
  }

  private static String render(ChatTemplate template, JsonValue conversation) {
    return template
        .jinja(
            conversation.get("messages").items().stream().map(ChatGoldenTest::message).toList(),
            conversation.get("open").flag(false),
            map(conversation.get("extras")))
        .text();
  }

  @Test
  void rendersWholeTemplates() {
    JsonValue golden = Goldens.read("chats.json");
    List<JsonValue> conversations = golden.get("conversations").items();
    SoftAssertions soft = new SoftAssertions();
    Map<String, Integer> rendered = new LinkedHashMap<>();
    for (JsonValue row : golden.get("renderings").items()) {
      String name = row.get("template").text();
      int index = row.get("conversation").index(conversations.size());
      ChatTemplate template = ChatTemplate.of(Goldens.template(name), TOKENS, Clock.systemUTC());
      if (row.get("text").missing()) {
        soft.assertThatThrownBy(() -> render(template, conversations.get(index)))
            .as("%s %d: %s", name, index, row.get("error").text())
            .isInstanceOf(TemplateException.class);
        continue;
      }
      rendered.merge(name, 1, Integer::sum);
      try {
        soft.assertThat(render(template, conversations.get(index)))
            .as("%s %d", name, index)
            .isEqualTo(row.get("text").text());
      } catch (TemplateException e) {
        soft.fail(name + " " + index + ": " + e.getMessage());
      }
    }
    soft.assertAll();
    assertThat(rendered)
        .hasSize(11)
        .allSatisfy((name, count) -> assertThat(count).isGreaterThan(20));
  }

  @Test
  void rendersEveryConstruct() {
    JsonValue golden = Goldens.read("chats.json");
    ChatMessage message =
        message(golden.get("conversations").items().getFirst().get("messages").items().getFirst());
    Map<String, Object> extras = Map.of("tools", List.of(), "text", "  A b  ", "n", 5);
    SoftAssertions soft = new SoftAssertions();
    int refused = 0;
    for (JsonValue feature : golden.get("features").items()) {
      String source = feature.get("source").text();
      String expected = feature.get("text").textOrNull();
      refused += expected == null ? 1 : 0;
      soft.assertThat(attempt(source, message, extras))
          .as("%s / %s", source, feature.get("error").textOrNull())
          .isEqualTo(expected);
    }
    soft.assertAll();
    assertThat(refused).isBetween(8, 12);
  }

  /** What a template renders, or null when it is refused. */
  private static @Nullable String attempt(
      String source, ChatMessage message, Map<String, Object> extras) {
    Clock clock = Clock.fixed(Instant.parse("2026-11-22T05:07:09Z"), ZoneOffset.UTC);
    try {
      return ChatTemplate.of(source, Map.of(), clock)
          .render(List.of(message), false, extras)
          .text();
    } catch (TemplateException | UnsupportedModelException e) {
      assertThat(e).hasMessageContaining("line 1");
      return null;
    }
  }
}
