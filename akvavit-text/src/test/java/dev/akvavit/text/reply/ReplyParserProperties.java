package dev.akvavit.text.reply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** However an answer is cut, its events are the same, and nothing that was written is lost. */
class ReplyParserProperties {
  private static final long SEED = Long.getLong("reply.seed", 20261122);
  private static final int ANSWERS = 20_000;

  private static final List<String> FORMATS =
      List.of(
          "<think></think><tool_call>",
          "<tool_call><function=",
          "<think></think><tool_call><arg_key>",
          "<|start_header_id|>parameters<|python_tag|>",
          "[THINK][/THINK][TOOL_CALLS]",
          "<think></think><｜tool▁calls▁begin｜>",
          "<think></think><｜DSML｜function_calls>");

  private static final List<String> PARTS =
      List.of(
          "<think>",
          "</think>",
          "[THINK]",
          "[/THINK]",
          "<tool_call>",
          "</tool_call>",
          "[TOOL_CALLS]",
          "{\"name\": \"f\", \"arguments\": {\"a\": \"<tool\"}}",
          "f[ARGS]{}",
          "f\n<arg_key>k</arg_key>",
          "<arg_value>v</arg_value>",
          "<function=f>\n<parameter=p>\n1\n</parameter>\n</function>",
          "<｜tool▁calls▁begin｜>",
          "<｜tool▁calls▁end｜>",
          "<｜tool▁call▁begin｜>f<｜tool▁sep｜>{}<｜tool▁call▁end｜>",
          "<｜DSML｜function_calls>",
          "</｜DSML｜function_calls>",
          "<｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"a\" string=\"true\">x</｜DSML｜parameter></｜DSML｜invoke>",
          "<|python_tag|>",
          "{",
          "}",
          "<",
          "<t",
          "[",
          " ",
          "\n",
          "\n\n",
          "word",
          "é🍶",
          "");

  private static final List<String> CALLS =
      List.of(
          "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"<tool\"}}\n</tool_call>",
          "<tool_call>f\n<arg_key>k</arg_key>\n<arg_value>v</arg_value>\n</tool_call>",
          "<tool_call>\n<function=f>\n<parameter=p>\n1\n</parameter>\n</function>\n</tool_call>",
          "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
          "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
          "{\"name\": \"f\", \"parameters\": {}}",
          "[TOOL_CALLS]f[ARGS]{}");

  @Test
  void cutsDoNotShow() {
    SplittableRandom random = new SplittableRandom(SEED);
    int calls = 0;
    for (int i = 0; i < ANSWERS; i++) {
      ReplyFormat format =
          Replies.format("{{ tools }}" + FORMATS.get(random.nextInt(FORMATS.size())));
      boolean inside = random.nextInt(4) == 0;
      List<?> tools = random.nextInt(5) == 0 ? List.of() : Replies.TOOLS;
      StringBuilder text = new StringBuilder();
      for (int parts = random.nextInt(12); parts > 0; parts--) {
        text.append(PARTS.get(random.nextInt(PARTS.size())));
        if (random.nextInt(3) == 0) {
          text.append(CALLS.get(random.nextInt(CALLS.size())));
        }
      }
      List<String> cut = new ArrayList<>();
      for (int at = 0; at < text.length(); ) {
        int end = Math.min(text.length(), at + random.nextInt(9));
        cut.add(text.substring(at, end));
        at = end;
      }
      List<ReplyEvent> whole = Replies.parsed(format, inside, tools, text.toString());
      assertThat(Replies.parsed(format, inside, tools, cut))
          .as("seed %d, answer %d: %s", SEED, i, cut)
          .isEqualTo(whole);
      calls += (int) whole.stream().filter(ReplyEvent.ToolCall.class::isInstance).count();
    }
    assertThat(calls).isGreaterThan(500);
  }

  @Test
  void plainTextPassesAtOnceAndWhole() {
    SplittableRandom random = new SplittableRandom(SEED);
    ReplyFormat format = Replies.format("{{ messages }}");
    for (int i = 0; i < 1_000; i++) {
      ReplyParser parser = format.parser(false, List.of());
      StringBuilder written = new StringBuilder();
      StringBuilder read = new StringBuilder();
      for (int parts = random.nextInt(10); parts > 0; parts--) {
        String part = PARTS.get(random.nextInt(PARTS.size()));
        parser.accept(-1, part, event -> read.append(((ReplyEvent.Content) event).text()));
        written.append(part);
        if (!written.toString().isBlank()) {
          assertThat(read.toString()).isEqualTo(written.toString());
        }
      }
      parser.end(event -> read.append(((ReplyEvent.Content) event).text()));
      assertThat(read.toString()).as("seed %d, answer %d", SEED, i).isEqualTo(written.toString());
    }
  }
}
