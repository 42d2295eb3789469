package dev.akvavit.text.template;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * DeepSeek's markup for tools: how the model is told of them, and how its calls are written back.
 * Source: {@code encoding/encoding_dsv32.py} of DeepSeek-V3.2.
 */
final class Dsml {
  private static final String CALLS = "<｜DSML｜function_calls>";
  private static final String CALLS_END = "</｜DSML｜function_calls>";

  /** What the model is told before the list of tools, in the words it was trained with. */
  private static final String INTRODUCTION = resource("deepseek-v3.2-tools.txt");

  private Dsml() {}

  private static String resource(String name) {
    try (InputStream in = Dsml.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All text of the format, for those who look for its markers. */
  static String source() {
    return INTRODUCTION;
  }

  /** The list of tools. */
  static void tools(List<?> tools, Text.Builder out) {
    out.append("\n\n" + INTRODUCTION, false);
    String between = "";
    for (Object tool : tools) {
      Object function = tool instanceof Map<?, ?> map ? map.get("function") : null;
      if (!(function instanceof Map)) {
        throw new TemplateException("a tool without a function");
      }
      out.append(between, false).append(json(function));
      between = "\n";
    }
    out.append("\n</functions>\n", false);
  }

  /** What an assistant called. */
  static void calls(List<Map<String, Object>> calls, Text.Builder out) {
    out.append("\n\n" + CALLS + "\n", false);
    for (Map<String, Object> call : calls) {
      if (!(call.get("function") instanceof Map<?, ?> function)
          || !(function.get("name") instanceof String name)) {
        throw new TemplateException("a tool call without a function and its name");
      }
      out.append("<｜DSML｜invoke name=\"", false).append(name, true).append("\">\n", false);
      Object arguments = function.get("arguments");
      String between = "";
      for (Map.Entry<?, ?> argument :
          ToolCallArguments.map(arguments == null ? Map.of() : arguments).entrySet()) {
        out.append(between, false);
        argument(String.valueOf(argument.getKey()), argument.getValue(), out);
        between = "\n";
      }
      out.append("\n</｜DSML｜invoke>\n", false);
    }
    out.append(CALLS_END, false);
  }

  private static void argument(String name, Object value, Text.Builder out) {
    out.append("<｜DSML｜parameter name=\"", false).append(name, true);
    out.append("\" string=\"" + (value instanceof String) + "\">", false);
    if (value instanceof String text) {
      out.append(text, true);
    } else {
      out.append(json(value));
    }
    out.append("</｜DSML｜parameter>", false);
  }

  private static Text json(Object value) {
    Value content = Values.of(value, true);
    return ValueWriter.json(content, -1, new Fuel(Fuel.TEXT), 0);
  }
}
