package dev.akvavit.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Goldens;
import dev.akvavit.text.Prompt;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tools in prompts: told to templates that know them, called and answered in each one's form. */
class ToolsTest {
  private static final Map<String, Object> EXTRAS =
      Map.of("tools", List.of(tool("look", "place"), tool("wait", "hours")));

  private static Map<String, Object> tool(String name, String parameter) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("parameters", Map.of("properties", Map.of(parameter, Map.of("type", "string"))));
    return Map.of("type", "function", "function", function);
  }

  private static ChatMessage calling(Object arguments) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", "look");
    function.put("arguments", arguments);
    Map<String, Object> call = Map.of("id", "123456789", "type", "function", "function", function);
    return new ChatMessage("assistant", null, null, List.of(call), Map.of());
  }

  private static ChatMessage result(String text) {
    return new ChatMessage("tool", text, null, List.of(), Map.of("tool_call_id", "123456789"));
  }

  private static ChatTemplate template(String source) {
    return ChatTemplate.of(source, Map.of(), Clock.systemUTC());
  }

  private static String marked(Prompt prompt) {
    return prompt.spans().stream()
        .map(s -> s.origin() == Prompt.Origin.CONTENT ? "⟦" + s.text() + "⟧" : s.text())
        .collect(Collectors.joining());
  }

  @Test
  void aTemplateWithoutToolsSaysSo() {
    ChatTemplate template = template("{{ 'tools' }}{# tools #} tools {{ message.tool_calls }}");
    assertThat(template.tools()).isFalse();
    assertThatThrownBy(() -> template.render(List.of(ChatMessage.user("x")), true, EXTRAS))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("knows no tools");
    assertThat(template(Goldens.template("deepseek-v3.1.jinja")).tools()).isFalse();
    assertThat(template(Goldens.template("qwen3.jinja")).tools()).isTrue();
    assertThat(template(Goldens.template("qwen3.jinja")).source()).contains("<tool_call>");
  }

  /** Whoever joins arguments to a text gets a text, whoever walks through them a map. */
  @Test
  void argumentsHaveTheFormTheTemplateWants() {
    String head = "{% for m in messages %}{% for c in m.tool_calls or [] %}";
    String tail = "{% endfor %}{% endfor %}";
    String joining = head + "{{ c.function.name + c.function.arguments }}" + tail;
    String printing = head + "{{ c.function.arguments }}" + tail;
    String writing = head + "{{ c.function.arguments | tojson }}" + tail;
    String walking =
        head + "{% for k, v in c.function.arguments.items() %}{{ k }}={{ v }}{% endfor %}" + tail;
    for (Object arguments : List.of("{\"a\": 1}", Map.of("a", 1))) {
      List<ChatMessage> messages = List.of(ChatMessage.user("x"), calling(arguments));
      assertThat(template(joining).render(messages, false, Map.of()).text())
          .isEqualTo("look{\"a\": 1}");
      assertThat(template(printing).render(messages, false, Map.of()).text())
          .isEqualTo("{\"a\": 1}");
      assertThat(template(writing).render(messages, false, Map.of()).text())
          .isEqualTo("{\"a\": 1}");
      assertThat(template(walking).render(messages, false, Map.of()).text()).isEqualTo("a=1");
    }
    for (String broken : List.of("[1]", "{", "x")) {
      List<ChatMessage> messages = List.of(calling(broken));
      assertThatThrownBy(() -> template(writing).render(messages, false, Map.of()))
          .isInstanceOf(TemplateException.class)
          .hasMessageContaining("arguments");
    }
  }

  @Test
  void aCallWithoutTextSuitsTemplatesThatWantOne() {
    String source = "{% for m in messages %}{{ m.content + ';' }}{% endfor %}";
    List<ChatMessage> messages = List.of(ChatMessage.user("x"), calling("{}"));
    assertThat(template(source).render(messages, false, Map.of()).text()).isEqualTo("x;;");
  }

  @Test
  void deepSeekV32SpeaksDsml() {
    DeepSeekV32Chat chat = new DeepSeekV32Chat();
    assertThat(chat.tools()).isTrue();
    List<ChatMessage> messages =
        List.of(
            ChatMessage.user("u"),
            calling("{\"place\": \"<b>\", \"n\": [1, 2.5], \"t\": true}"),
            result("r1"));
    String prompt = marked(chat.render(messages, true, EXTRAS));
    assertThat(prompt)
        .startsWith("<｜begin▁of▁sentence｜>\n\n## Tools\n\nYou have access")
        .contains(
            "<functions>\n⟦{\"name\": \"look\", \"parameters\": {\"properties\": {\"place\":"
                .replace("⟦{\"name\"", "{\"⟦name⟧\"")
                .substring(0, 12))
        .contains("\n</functions>\n<｜User｜>⟦u⟧<｜Assistant｜></think>")
        .endsWith(
            "</think>\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"⟦look⟧\">\n"
                + "<｜DSML｜parameter name=\"⟦place⟧\" string=\"true\">⟦<b>⟧</｜DSML｜parameter>\n"
                + "<｜DSML｜parameter name=\"⟦n⟧\" string=\"false\">[1, 2.5]</｜DSML｜parameter>\n"
                + "<｜DSML｜parameter name=\"⟦t⟧\" string=\"false\">true</｜DSML｜parameter>\n"
                + "</｜DSML｜invoke>\n</｜DSML｜function_calls><｜end▁of▁sentence｜>"
                + "\n\n<function_results>\n<result>⟦r1⟧</result>\n</function_results>\n\n</think>");
    String thinking =
        chat.render(messages, true, Map.of("tools", EXTRAS.get("tools"), "thinking", true)).text();
    assertThat(thinking).contains("<think></think>\n\n<｜DSML｜").endsWith("\n\n<think>");
    List<ChatMessage> tooMany = List.of(messages.get(1), result("1"), result("2"));
    assertThatThrownBy(() -> chat.render(tooMany, true, Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("result 2");
    List<ChatMessage> system = List.of(ChatMessage.system("s"), ChatMessage.user("u"));
    assertThat(chat.render(system, true, EXTRAS).text())
        .startsWith("<｜begin▁of▁sentence｜>s\n\n## Tools\n");
  }
}
