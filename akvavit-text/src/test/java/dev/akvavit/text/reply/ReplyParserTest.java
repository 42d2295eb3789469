package dev.akvavit.text.reply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Goldens;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Vocabularies;
import dev.akvavit.text.template.ChatTemplate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyParserTest {
  private static final String THINK = "{{ '<think></think>' }}";
  private static final String HERMES = "{{ tools }}<think></think><tool_call>";
  private static final String CODER = "{{ tools }}<tool_call><function=";
  private static final String GLM = "{{ tools }}<think></think><tool_call><arg_key>";
  private static final String LLAMA = "{{ tools }}<|start_header_id|>parameters<|python_tag|>";
  private static final String MISTRAL = "{{ tools }}[THINK][/THINK][TOOL_CALLS]";
  private static final String DEEPSEEK = "{{ tools }}<think></think><｜tool▁calls▁begin｜>";
  private static final String DSML = "{{ tools }}<think></think><｜DSML｜function_calls>";

  private static final Map<String, String> FORMATS =
      Map.of(
          "think",
          THINK,
          "hermes",
          HERMES,
          "coder",
          CODER,
          "glm",
          GLM,
          "llama",
          LLAMA,
          "mistral",
          MISTRAL,
          "deepseek",
          DEEPSEEK,
          "dsml",
          DSML,
          "plain",
          "{{ tools }}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "plain # ~<think>a</think> b~ # ~<think>a</think> b~",
        "think # ~<think>\nwhy\n\n</think>\n\nso~ # (why)so",
        "think # ~  \n<think></think>so~ # so",
        "think # ~so <think>no</think>~ # ~so <think>no</think>~",
        "think # ~<thin ice~ # ~<thin ice~",
        "think # ~<think>cut off ~ # (cut off)",
        "think # ~a </think> b~ # ~a </think> b~",
        "mistral # ~[THINK]x[/THINK]y~ # (x)y",
        "hermes # ~Well.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1e2}}\n</tool_call>~ # ~Well.«f{\"a\": 1e2}»~",
        "hermes # ~<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n<tool_call>{\"name\":\"g\"}</tool_call>~ # «f{}»«g{}»",
        "hermes # ~<think>t</think><tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}</tool_call>~ # ~(t)«f{\"a\":1}»~",
        "hermes # ~<tool_call>{\"name\":\"f\",\"arguments\":{}}~ # «f{}»",
        "hermes # ~<tool_call>{\"name\":\"f\",\"argum~ # ~<tool_call>{\"name\":\"f\",\"argum~",
        "hermes # ~<tool_call>no</tool_call> on~ # ~<tool_call>no</tool_call> on~",
        "hermes # ~a < b <tool~ # ~a < b <tool~",
        "coder # ~<tool_call>\n<function=look>\n<parameter=place>\n12\n</parameter>\n<parameter=n>\n12\n</parameter>\n</function>\n</tool_call>~ # ~«look{\"place\": \"12\", \"n\": 12}»~",
        "glm # ~<tool_call>look\n<arg_key>place</arg_key>\n<arg_value>7</arg_value>\n<arg_key>x</arg_key>\n<arg_value>[1]</arg_value>\n</tool_call>~ # ~«look{\"place\": \"7\", \"x\": [1]}»~",
        "glm # ~<tool_call>f<arg_key>a</arg_key><arg_value>b \"c\"</arg_value></tool_call>~ # ~«f{\"a\": \"b \\\"c\\\"\"}»~",
        "glm # ~<tool_call>f<arg_key>a</arg_key><arg_value>1</arg_value>~ # ~<tool_call>f<arg_key>a</arg_key><arg_value>1</arg_value>~",
        "glm # ~<tool_call>f</tool_call>~ # «f{}»",
        "llama # ~ {\"name\": \"f\", \"parameters\": {\"a\": \"}\"}}~ # ~«f{\"a\": \"}\"}»~",
        "llama # ~{\"name\":\"f\",\"parameters\":{}}; {\"name\":\"g\",\"parameters\":{}}~ # «f{}»«g{}»",
        "llama # ~<|python_tag|>{\"name\":\"f\",\"parameters\":{}}~ # «f{}»",
        "llama # ~{\"answer\": 42}~ # ~{\"answer\": 42}~",
        "llama # ~<|python_tag|>print(1)~ # ~<|python_tag|>print(1)~",
        "mistral # ~[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": [1, {}]}, \"id\": \"abcdefghi\"}]~ # ~«f{\"a\": [1, {}]}»~",
        "mistral # ~[TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g[CALL_ID]x[ARGS]{}~ # ~«f{\"a\": 1}»«g{}»~",
        "mistral # ~[TOOL_CALLS]f{\"a\": 1}~ # ~«f{\"a\": 1}»~",
        "deepseek # ~Ok <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\":1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>~ # ~Ok«f{\"a\":1}»«g{}»~",
        "deepseek # ~<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\":1}\n```<｜tool▁call▁end｜>\n<｜tool▁calls▁end｜>~ # ~«f{\"a\":1}»~",
        "deepseek # ~<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\"~ # ~<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\"~",
        "dsml # ~<think>t</think>\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" string=\"true\">x\ny</｜DSML｜parameter>\n<｜DSML｜parameter name=\"b\" string=\"false\">[1, 2]</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>~ # ~(t)«f{\"a\": \"x\\ny\", \"b\": [1, 2]}»~",
        "dsml # ~<｜DSML｜function_calls><｜DSML｜invoke name=\"f\"></｜DSML｜invoke></｜DSML｜function_calls> bye~ # «f{}»bye",
        "dsml # ~<｜DSML｜function_calls><｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"a\" string=\"false\">x</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>~ # ~<｜DSML｜function_calls><｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"a\" string=\"false\">x</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>~",
      })
  void tellsThemApart(String format, String text, String told) {
    ReplyFormat known = Replies.format(FORMATS.get(format));
    assertThat(Replies.told(Replies.parsed(known, false, Replies.TOOLS, text))).isEqualTo(told);
    List<String> letters = text.codePoints().mapToObj(Character::toString).toList();
    assertThat(Replies.told(Replies.parsed(known, false, Replies.TOOLS, letters))).isEqualTo(told);
  }

  @Test
  void thePromptMayHaveBegunTheThought() {
    ReplyFormat format = Replies.format(THINK);
    assertThat(Replies.told(Replies.parsed(format, true, List.of(), "\nwhy\n</think>\nso ")))
        .isEqualTo("(why)so ");
    assertThat(Replies.told(Replies.parsed(format, true, List.of(), "<think>\nwhy</think>so")))
        .isEqualTo("(why)so");
    assertThat(Replies.told(Replies.parsed(format, true, List.of(), "never ends\n")))
        .isEqualTo("(never ends)");
  }

  @Test
  void readsFromThePromptWhetherItHas() {
    ReplyFormat format = Replies.format(THINK);
    assertThat(format.opensThought(Prompt.template("<｜Assistant｜><think>\n"))).isTrue();
    assertThat(format.opensThought(Prompt.template("<｜Assistant｜></think>"))).isFalse();
    assertThat(format.opensThought(Prompt.template("x<think>\n\n</think>\n\n"))).isFalse();
    assertThat(format.opensThought(Prompt.content("<think>"))).isFalse();
    assertThat(format.opensThought(Prompt.EMPTY)).isFalse();
    assertThat(Replies.format("{{ x }}").opensThought(Prompt.template("<think>"))).isFalse();
  }

  @Test
  void withoutToolsAMarkerIsText() {
    String text = "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>";
    assertThat(Replies.told(Replies.parsed(Replies.format(HERMES), false, List.of(), text)))
        .isEqualTo(text);
  }

  @Test
  void countsAndNamesCalls() {
    String text =
        "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{},\"id\":\"abcdefghi\"},{\"name\":\"g\",\"arguments\":{}}]";
    ReplyParser parser = Replies.format(MISTRAL).parser(false, Replies.TOOLS);
    List<ReplyEvent> events = new ArrayList<>();
    parser.accept(-1, text, events::add);
    parser.end(events::add);
    assertThat(parser.calls()).isEqualTo(2);
    assertThat(events).first().isEqualTo(new ReplyEvent.ToolCall(0, "abcdefghi", "f", "{}"));
    assertThat(((ReplyEvent.ToolCall) events.getLast()).id()).matches("[a-zA-Z0-9]{9}");
    assertThat(((ReplyEvent.ToolCall) events.getLast()).index()).isOne();
  }

  /** A detokenizer skips special tokens; a parser knows them by their ids. */
  @Test
  void specialTokensAreKnownByTheirIds() {
    Tokenizer tokenizer =
        Vocabularies.withControls(List.of("[TOOL_CALLS]", "[ARGS]", "</s>"), List.of("[THINK]"));
    ReplyFormat format = Replies.format(MISTRAL, tokenizer);
    ReplyParser parser = format.parser(false, Replies.TOOLS);
    List<ReplyEvent> events = new ArrayList<>();
    parser.accept(5, "Hm", events::add);
    parser.accept(tokenizer.id("[TOOL_CALLS]"), "", events::add);
    parser.accept(5, "f", events::add);
    parser.accept(tokenizer.id("[ARGS]"), "", events::add);
    parser.accept(5, "{}", events::add);
    parser.accept(tokenizer.id("</s>"), "", events::add);
    parser.end(events::add);
    assertThat(Replies.told(events)).isEqualTo("Hm«f{}»");
    assertThat(format.reasons()).isTrue();
    assertThat(format.thoughtEnd()).isEqualTo(-1);
  }

  @Test
  void tellsWhatAModelCan() {
    assertThat(Replies.format("{{ messages }}").callsTools()).isFalse();
    assertThat(Replies.format("{{ messages }}").reasons()).isFalse();
    assertThat(Replies.format("{{ tools }}").callsTools()).as("in a form unknown to us").isFalse();
    assertThat(Replies.format("<tool_call>").callsTools()).as("it is not told of any").isFalse();
    assertThat(Replies.format(HERMES).callsTools()).isTrue();
    assertThat(Replies.format("<｜DSML｜tool_calls>{{ tools }}").callsTools()).isTrue();
    Tokenizer thinker = Vocabularies.withControls(List.of(), List.of("<think>", "</think>"));
    ReplyFormat format = Replies.format("{{ messages }}", thinker);
    assertThat(format.reasons()).isTrue();
    assertThat(format.thoughtEnd()).isEqualTo(thinker.id("</think>"));
  }

  /** What a template writes of earlier calls, a model writes too: it must come back the same. */
  @ParameterizedTest
  @ValueSource(strings = {"qwen2.5", "qwen3", "deepseek-v3.1", "deepseek-r1", "deepseek-v3"})
  void callsComeBackFromPublishedTemplates(String name) {
    ChatTemplate template =
        ChatTemplate.of(Goldens.template(name + ".jinja"), Map.of(), Clock.systemUTC());
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", "look");
    function.put("arguments", "{\"place\": \"<é>\", \"deep\": {\"n\": [1, 2.5, null, true]}}");
    Map<String, Object> call = Map.of("id", "abcdefghi", "type", "function", "function", function);
    ChatMessage calling = new ChatMessage("assistant", null, null, List.of(call, call), Map.of());
    String prompt =
        template.render(List.of(ChatMessage.user("hi"), calling), false, Map.of()).text();
    int from = Math.max(prompt.indexOf("<tool_call>"), prompt.indexOf("<｜tool▁calls▁begin｜>"));
    List<ReplyEvent> events =
        Replies.parsed(
            Replies.format(template.source() + "tools"),
            false,
            Replies.TOOLS,
            prompt.substring(from).replaceAll("<\\|im_end\\|>\n|<｜end▁of▁sentence｜>", ""));
    String expected = "«look{\"place\": \"<é>\", \"deep\": {\"n\": [1, 2.5, null, true]}}»";
    assertThat(Replies.told(events)).isEqualTo(expected + expected);
  }
}
