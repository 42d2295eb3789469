package dev.akvavit.text;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool}, …
 * @param content what is said; null when an assistant only calls tools
 * @param reasoning what the assistant thought before, or null
 * @param toolCalls calls as the OpenAI API spells them, as maps, lists, text, numbers, truth and
 *     null
 * @param extra further members a template may look for, such as {@code tool_call_id} and {@code
 *     name}
 */
public record ChatMessage(
    String role,
    @Nullable String content,
    @Nullable String reasoning,
    List<Map<String, Object>> toolCalls,
    Map<String, Object> extra) {
  /**
   * Roles by which templates spell control tokens ({@code <|user|>}): their names are as good as
   * the template's own.
   */
  public static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function", "ipython");

  public ChatMessage {
    toolCalls = List.copyOf(toolCalls);
  }

  public ChatMessage(String role, String content) {
    this(role, content, null, List.of(), Map.of());
  }

  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }
}
