package dev.akvavit.text.template;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.json.JsonFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives the arguments of tool calls the form a template wants: some join them to a text, others
 * walk through a map. Which one is found out by trying, for a template does not say.
 */
final class ToolCallArguments {
  private static final String PROBE = "akvavit_probe";

  private ToolCallArguments() {}

  /**
   * Whether a template wants a JSON text rather than a map.
   *
   * @param render what a conversation becomes, or null when the template refuses it
   */
  static boolean wantedAsText(Function<List<ChatMessage>, @Nullable String> render) {
    Map<String, Object> map = Map.of(PROBE, "x");
    String asMap = rendered(render, map);
    String asText = rendered(render, "{\"" + PROBE + "\": \"x\"}");
    boolean printed = asMap != null && asMap.contains("{'" + PROBE); // as Python prints a map
    boolean lost = asMap == null || !asMap.contains(PROBE);
    return (printed || lost) && asText != null && asText.contains(PROBE);
  }

  private static @Nullable String rendered(
      Function<List<ChatMessage>, @Nullable String> render, Object arguments) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", "probe");
    function.put("arguments", arguments);
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", "abcdefghi");
    call.put("type", "function");
    call.put("function", function);
    ChatMessage calling = new ChatMessage("assistant", null, null, List.of(call), Map.of());
    List<ChatMessage> messages = List.of(ChatMessage.user("x"), calling);
    String text = render.apply(messages);
    return text == null ? render.apply(withTexts(messages)) : text;
  }

  /** The conversation with all arguments in one form. */
  static List<ChatMessage> converted(List<ChatMessage> messages, boolean asText) {
    List<ChatMessage> converted = new ArrayList<>(messages.size());
    for (ChatMessage message : messages) {
      List<Map<String, Object>> calls = new ArrayList<>();
      for (Map<String, Object> call : message.toolCalls()) {
        Map<String, Object> changed = new LinkedHashMap<>(call);
        if (call.get("function") instanceof Map<?, ?> function) {
          Map<String, Object> inner = new LinkedHashMap<>();
          function.forEach((key, value) -> inner.put(String.valueOf(key), value));
          inner.computeIfPresent("arguments", (_, value) -> asText ? text(value) : map(value));
          changed.put("function", inner);
        }
        calls.add(changed);
      }
      converted.add(
          new ChatMessage(
              message.role(), message.content(), message.reasoning(), calls, message.extra()));
    }
    return converted;
  }

  /** Some templates expect a text even where an assistant only calls tools. */
  static List<ChatMessage> withTexts(List<ChatMessage> messages) {
    return messages.stream()
        .map(message ->
            message.content() != null
                ? message
                : new ChatMessage(
                    message.role(), "", message.reasoning(), message.toolCalls(), message.extra()))
        .toList();
  }

  private static Object text(Object arguments) {
    return arguments instanceof String text
        ? text
        : ValueWriter.json(Values.of(arguments, true), -1, new Fuel(0), 0).string();
  }

  /**
   * Arguments as a map.
   *
   * @throws TemplateException if they are no JSON object
   */
  static Map<?, ?> map(Object arguments) {
    if (arguments instanceof Map<?, ?> map) {
      return map;
    }
    try {
      byte[] json = String.valueOf(arguments).getBytes(StandardCharsets.UTF_8);
      if (JsonFile.parse("arguments", json, Limits.DEFAULT).value() instanceof Map<?, ?> map) {
        return map;
      }
    } catch (MalformedFileException e) {
      throw new TemplateException("the arguments of a tool call are no JSON: " + e.getMessage());
    }
    throw new TemplateException("the arguments of a tool call are no JSON object");
  }
}
