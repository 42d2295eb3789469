package dev.akvavit.text.template;

import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The chat format of DeepSeek-V3.2, which has no template: {@code begin system
 * <｜User｜>u<｜Assistant｜></think>a end}, or {@code <think>} where the answer to the last question is
 * to be thought over.
 *
 * <p>Thinking is asked for by the extra {@code thinking} or {@code enable_thinking}. Reasoning is
 * kept only behind the last question. Tools have a language of their own (DSML) and are refused.
 * Source: {@code encoding/encoding_dsv32.py} of the model.
 */
public final class DeepSeekV32Chat implements ChatEncoder {
  private static final String BEGIN = "<｜begin▁of▁sentence｜>";
  private static final String END = "<｜end▁of▁sentence｜>";
  private static final String USER = "<｜User｜>";
  private static final String ASSISTANT = "<｜Assistant｜>";
  private static final String THINK = "<think>";
  private static final String THOUGHT = "</think>";

  /** Whether a vocabulary has the control tokens of this format. */
  static boolean speaks(Tokenizer tokenizer) {
    return List.of(BEGIN, END, USER, ASSISTANT, THINK, THOUGHT).stream()
        .allMatch(token -> tokenizer.id(token) >= 0);
  }

  @Override
  public Prompt render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras) {
    if (extras.get("tools") instanceof List<?> tools && !tools.isEmpty()) {
      throw new TemplateException("tools are not supported for DeepSeek-V3.2");
    }
    boolean thinking = truth(extras.get("thinking")) || truth(extras.get("enable_thinking"));
    int lastQuestion = messages.size() - 1;
    while (lastQuestion >= 0 && !asks(messages.get(lastQuestion))) {
      lastQuestion--;
    }
    Text.Builder out = new Text.Builder().append(BEGIN, false);
    for (int i = 0; i < messages.size(); i++) {
      ChatMessage message = messages.get(i);
      switch (message.role()) {
        case "system" -> out.append(content(message), true);
        case "user", "developer" -> {
          question(message, out);
          if (i < messages.size() - 1 || addGenerationPrompt) {
            out.append(ASSISTANT, false);
            out.append(thinking && i == lastQuestion ? THINK : THOUGHT, false);
          }
        }
        case "assistant" -> answer(message, thinking && i > lastQuestion, out);
        default ->
            throw new TemplateException(
                "the role \""
                    + message.role()
                    + "\"; allowed are system, developer, user, assistant");
      }
    }
    return out.text().prompt();
  }

  private static boolean asks(ChatMessage message) {
    return message.role().equals("user") || message.role().equals("developer");
  }

  private static void question(ChatMessage message, Text.Builder out) {
    out.append(USER, false);
    if (message.role().equals("developer")) {
      out.append("\n\n# The user's message is: ", false);
    }
    out.append(content(message), true);
  }

  private static void answer(ChatMessage message, boolean thought, Text.Builder out) {
    if (!message.toolCalls().isEmpty()) {
      throw new TemplateException("tool calls are not supported for DeepSeek-V3.2");
    }
    if (thought) {
      if (message.reasoning() == null) {
        throw new TemplateException(
            "an answer behind the last question has no reasoning, though thinking is asked for");
      }
      out.append(message.reasoning(), true).append(THOUGHT, false);
    }
    out.append(content(message), true).append(END, false);
  }

  private static String content(ChatMessage message) {
    String content = message.content();
    return content == null ? "" : content;
  }

  private static boolean truth(@Nullable Object flag) {
    return Boolean.TRUE.equals(flag);
  }
}
