package dev.akvavit.text.reply;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a family of models writes calls of tools. */
enum ToolSyntax {
  /** None that we know. */
  NONE(List.of(), null),
  /** Hermes, Qwen 2.5 and 3: {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}. */
  HERMES(List.of("<tool_call>"), "</tool_call>"),
  /** Qwen3-Coder: {@code <tool_call><function=name><parameter=key>value</parameter>…}. */
  QWEN_CODER(List.of("<tool_call>"), "</tool_call>"),
  /**
   * GLM 4.5 and later: {@code <tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value>…}.
   */
  GLM(List.of("<tool_call>"), "</tool_call>"),
  /** Llama 3.1: the whole answer is {@code {"name": …, "parameters": {…}}}. */
  LLAMA(List.of("<|python_tag|>"), null),
  /** Mistral: {@code [TOOL_CALLS]} and an array of calls, or {@code name[ARGS]{…}}, to the end. */
  MISTRAL(List.of("[TOOL_CALLS]"), null),
  /** DeepSeek V3 and R1, with fenced arguments, and V3.1, without. */
  DEEPSEEK(List.of("<｜tool▁calls▁begin｜>"), "<｜tool▁calls▁end｜>"),
  /** DeepSeek V3.2. */
  DSML(List.of("<｜DSML｜function_calls>"), "</｜DSML｜function_calls>"),
  /** DeepSeek V4. */
  DSML_V4(List.of("<｜DSML｜tool_calls>"), "</｜DSML｜tool_calls>");

  /** Spellings that a vocabulary may have as special tokens, and that a detokenizer then skips. */
  static final List<String> MARKERS =
      List.of(
          "<think>",
          "</think>",
          "[THINK]",
          "[/THINK]",
          "<tool_call>",
          "</tool_call>",
          "<arg_key>",
          "</arg_key>",
          "<arg_value>",
          "</arg_value>",
          "<|python_tag|>",
          "[TOOL_CALLS]",
          "[CALL_ID]",
          "[ARGS]",
          "<｜tool▁calls▁begin｜>",
          "<｜tool▁calls▁end｜>",
          "<｜tool▁call▁begin｜>",
          "<｜tool▁call▁end｜>",
          "<｜tool▁sep｜>",
          "｜DSML｜");

  private static final String DSML_INVOKE = "<｜DSML｜invoke name=\"";
  private static final String DSML_PARAMETER = "<｜DSML｜parameter name=\"";

  private final List<String> opens;
  private final @Nullable String close;

  ToolSyntax(List<String> opens, @Nullable String close) {
    this.opens = opens;
    this.close = close;
  }

  /** What a format is by its template. */
  static ToolSyntax of(String template) {
    if (template.contains("｜DSML｜")) {
      return template.contains("function_calls") ? DSML : DSML_V4;
    }
    if (template.contains("<｜tool▁calls▁begin｜>")) {
      return DEEPSEEK;
    }
    if (template.contains("<arg_key>")) {
      return GLM;
    }
    if (template.contains("<tool_call>")) {
      return template.contains("<function=") ? QWEN_CODER : HERMES;
    }
    if (template.contains("[TOOL_CALLS]")) {
      return MISTRAL;
    }
    boolean llama = template.contains("<|start_header_id|>") && template.contains("parameters");
    return llama || template.contains("<|python_tag|>") ? LLAMA : NONE;
  }

  /** What a block of calls begins with. */
  List<String> opens() {
    return opens;
  }

  /** What it ends with; null for the end of the answer. */
  @Nullable String close() {
    return close;
  }

  /** Whether a block that was cut off cannot be mistaken for a whole one, without its marker. */
  boolean knowsItsEnd() {
    return close == null || this == HERMES || this == DEEPSEEK;
  }

  /** Whether an answer that begins with a brace is a call. */
  boolean bare() {
    return this == LLAMA;
  }

  /** The calls in a block, its ends cut off; null if it is not what it should be. */
  @Nullable List<Call> read(String block, ToolTypes types) {
    return switch (this) {
      case NONE -> null;
      case HERMES, LLAMA -> JsonText.calls(block);
      case MISTRAL -> mistral(block);
      case DEEPSEEK -> deepSeek(block);
      case GLM -> glm(block, types);
      case QWEN_CODER -> qwenCoder(block, types);
      case DSML, DSML_V4 -> dsml(block);
    };
  }

  private static @Nullable List<Call> mistral(String block) {
    if (block.stripLeading().startsWith("[{")) {
      return JsonText.calls(block);
    }
    List<Call> calls = new ArrayList<>();
    for (String part : block.split("\\[TOOL_CALLS\\]", -1)) {
      int brace = part.indexOf('{');
      if (brace < 0 || !JsonText.object(part.substring(brace))) {
        return null;
      }
      String head = part.substring(0, brace).replace("[ARGS]", "").strip();
      int id = head.indexOf("[CALL_ID]");
      calls.add(
          new Call(
              id < 0 ? null : head.substring(id + "[CALL_ID]".length()).strip(),
              id < 0 ? head : head.substring(0, id).strip(),
              part.substring(brace).strip()));
    }
    return calls;
  }

  private static @Nullable List<Call> deepSeek(String block) {
    List<Call> calls = new ArrayList<>();
    Cursor in = new Cursor(block);
    while (in.spaces().pass("<｜tool▁call▁begin｜>")) {
      String before = in.until("<｜tool▁sep｜>");
      if (before == null) {
        return null;
      }
      String name = before.strip();
      String arguments = in.untilOrEnd("<｜tool▁call▁end｜>").strip();
      int fence = arguments.indexOf("```json");
      if (fence >= 0 && arguments.endsWith("```")) {
        name = arguments.substring(0, fence).strip();
        arguments = arguments.substring(fence + "```json".length(), arguments.length() - 3).strip();
      }
      if (!JsonText.object(arguments)) {
        return null;
      }
      calls.add(new Call(null, name, arguments));
    }
    return calls.isEmpty() || !in.done() ? null : calls;
  }

  private static @Nullable List<Call> glm(String block, ToolTypes types) {
    int first = block.indexOf("<arg_key>");
    String name = (first < 0 ? block : block.substring(0, first)).strip();
    Map<String, String> arguments = new LinkedHashMap<>();
    Cursor in = new Cursor(first < 0 ? "" : block.substring(first));
    while (in.spaces().pass("<arg_key>")) {
      String key = in.until("</arg_key>");
      String value = in.spaces().pass("<arg_value>") ? in.until("</arg_value>") : null;
      if (key == null || value == null) {
        return null;
      }
      arguments.put(key.strip(), types.json(name, key.strip(), value));
    }
    return name.isEmpty() || !in.done() ? null : List.of(call(name, arguments));
  }

  private static @Nullable List<Call> qwenCoder(String block, ToolTypes types) {
    Cursor in = new Cursor(block);
    String name = in.spaces().pass("<function=") ? in.until(">") : null;
    String body = name == null ? null : in.until("</function>");
    if (name == null || body == null || !in.spaces().done()) {
      return null;
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    Cursor inside = new Cursor(body);
    while (inside.spaces().pass("<parameter=")) {
      String key = inside.until(">");
      String value = inside.until("</parameter>");
      if (key == null || value == null) {
        return null;
      }
      arguments.put(key, types.json(name, key, oneLineLess(value)));
    }
    return inside.done() ? List.of(call(name, arguments)) : null;
  }

  /** Without the line breaks that stand around a value by the format. */
  private static String oneLineLess(String value) {
    int from = value.startsWith("\n") ? 1 : 0;
    int to = value.length() > from && value.endsWith("\n") ? value.length() - 1 : value.length();
    return value.substring(from, to);
  }

  private static @Nullable List<Call> dsml(String block) {
    List<Call> calls = new ArrayList<>();
    Cursor in = new Cursor(block);
    while (in.spaces().pass(DSML_INVOKE)) {
      String name = in.until("\">");
      String body = in.until("</｜DSML｜invoke>");
      if (name == null || body == null) {
        return null;
      }
      Map<String, String> arguments = new LinkedHashMap<>();
      Cursor inside = new Cursor(body);
      while (inside.spaces().pass(DSML_PARAMETER)) {
        String key = inside.until("\" string=\"");
        String kind = inside.until("\">");
        String value = inside.until("</｜DSML｜parameter>");
        boolean text = "true".equals(kind);
        if (key == null || value == null || !text && !JsonText.value(value)) {
          return null;
        }
        arguments.put(key, text ? JsonText.quoted(value) : value.strip());
      }
      if (!inside.done()) {
        return null;
      }
      calls.add(call(name, arguments));
    }
    return calls.isEmpty() || !in.done() ? null : calls;
  }

  private static Call call(String name, Map<String, String> arguments) {
    List<String> members = new ArrayList<>();
    arguments.forEach((key, value) -> members.add(JsonText.quoted(key) + ": " + value));
    return new Call(null, name, "{" + String.join(", ", members) + "}");
  }
}
