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
 * kept only behind the last question. Tools have a markup of their own, {@link Dsml}. Source:
 * {@code encoding/encoding_dsv32.py} of the model.
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
  public String source() {
    return THINK + THOUGHT + Dsml.source();
  }

  @Override
  public boolean tools() {
    return true;
  }

  @Override
  public Prompt render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras) {
    List<?> tools = extras.get("tools") instanceof List<?> given ? given : List.of();
    boolean thinking = truth(extras.get("thinking")) || truth(extras.get("enable_thinking"));
    int lastQuestion = messages.size() - 1;
    while (lastQuestion >= 0 && !asks(messages.get(lastQuestion))) {
      lastQuestion--;
    }
    Text.Builder out = new Text.Builder().append(BEGIN, false);
    if (!tools.isEmpty() && (messages.isEmpty() || !messages.getFirst().role().equals("system"))) {
      Dsml.tools(tools, out);
    }
    for (int i = 0; i < messages.size(); i++) {
      ChatMessage message = messages.get(i);
      switch (message.role()) {
        case "system" -> {
          out.append(content(message), true);
          if (i == 0 && !tools.isEmpty()) {
            Dsml.tools(tools, out);
          }
        }
        case "user", "developer" -> {
          question(message, out);
          if (i < messages.size() - 1 || addGenerationPrompt) {
            out.append(ASSISTANT, false);
            out.append(thinking && i == lastQuestion ? THINK : THOUGHT, false);
          }
        }
        case "assistant" -> answer(message, thinking && i > lastQuestion, out);
        case "tool" -> {
          result(messages, i, out);
          boolean last = i == messages.size() - 1 || !messages.get(i + 1).role().equals("tool");
          if (last) {
            out.append("\n</function_results>\n\n", false);
            out.append(thinking && i > lastQuestion ? THINK : THOUGHT, false);
          }
        }
        default ->
            throw new TemplateException(
                "the role \""
                    + message.role()
                    + "\"; allowed are system, developer, user, assistant, tool");
      }
    }
    return out.text().prompt();
  }

  /** A tool's result; it stands behind the calls it answers, in their order. */
  private static void result(List<ChatMessage> messages, int index, Text.Builder out) {
    int caller = index - 1;
    while (caller >= 0 && messages.get(caller).role().equals("tool")) {
      caller--;
    }
    int calls = caller < 0 ? 0 : messages.get(caller).toolCalls().size();
    if (index - caller > calls) {
      throw new TemplateException(
          "result " + (index - caller) + " of tools behind a message that calls " + calls);
    }
    out.append(index - caller == 1 ? "\n\n<function_results>" : "", false);
    out.append("\n<result>", false).append(content(messages.get(index)), true);
    out.append("</result>", false);
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
    boolean calls = !message.toolCalls().isEmpty();
    String reasoning = message.reasoning();
    if (thought) {
      if (reasoning == null && !calls) {
        throw new TemplateException(
            "an answer behind the last question has no reasoning, though thinking is asked for");
      }
      out.append(reasoning == null ? "" : reasoning, true).append(THOUGHT, false);
    }
    out.append(content(message), true);
    if (calls) {
      Dsml.calls(message.toolCalls(), out);
    }
    out.append(END, false);
  }

  private static String content(ChatMessage message) {
    String content = message.content();
    return content == null ? "" : content;
  }

  private static boolean truth(@Nullable Object flag) {
    return Boolean.TRUE.equals(flag);
  }
}
