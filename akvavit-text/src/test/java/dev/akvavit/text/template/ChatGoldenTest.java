package dev.akvavit.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Goldens;
import dev.akvavit.text.json.JsonValue;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Whole templates and single constructs against what npm's {@code @huggingface/jinja} renders. */
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
        .render(
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
      ChatTemplate template =
          ChatTemplate.of(Goldens.template(name), TOKENS, Clock.systemUTC());
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
    assertThat(rendered).hasSize(11).allSatisfy((name, count) -> assertThat(count).isGreaterThan(20));
  }

  @Test
  void rendersEveryConstruct() {
    JsonValue golden = Goldens.read("chats.json");
    ChatMessage message = message(golden.get("conversations").items().getFirst().get("messages").items().getFirst());
    Map<String, Object> extras = Map.of("tools", List.of(), "text", "  A b  ", "n", 5);
    SoftAssertions soft = new SoftAssertions();
    for (JsonValue feature : golden.get("features").items()) {
      String source = feature.get("source").text();
      String expected = feature.get("text").textOrNull();
      String got;
      try {
        got =
            ChatTemplate.of(source, Map.of(), Clock.systemUTC())
                .render(List.of(message), false, extras)
                .text();
      } catch (RuntimeException e) {
        got = "error: " + e.getMessage();
      }
      soft.assertThat(got)
          .as(source + " / " + feature.get("error").textOrNull())
          .isEqualTo(expected);
    }
    soft.assertAll();
  }
}
