package dev.akvavit.text.template;

import dev.akvavit.core.Limits;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.json.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a conversation the way a model was trained to read it: by its template, or by code where
 * it has none.
 */
public interface ChatEncoder {
  /**
   * Writes a conversation out; message texts are content, the rest is template. Arguments of tool
   * calls may be JSON texts or maps, whichever the format wants.
   *
   * @param addGenerationPrompt whether to open the assistant's next turn
   * @param extras what else the model's format knows, such as {@code tools} (a list as the OpenAI
   *     API spells it) and {@code enable_thinking}
   * @throws TemplateException if the format does not allow this conversation
   */
  Prompt render(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> extras);

  /**
   * All that the format may write or look for, by which its markers are told: a template's source.
   */
  String source();

  /**
   * Whether the format tells the model of tools; if not, {@link #render} refuses the extra {@code
   * tools} rather than leave them out in silence.
   */
  boolean tools();

  /**
   * The encoder of a model folder: its chat template, else the one of its generation; null when it
   * is no chat model.
   *
   * @throws dev.akvavit.core.MalformedFileException if the files break their format
   * @throws dev.akvavit.core.UnsupportedModelException if a template uses what we do not know
   */
  static @Nullable ChatEncoder open(Path modelFolder, Tokenizer tokenizer, Limits limits) {
    ChatTemplate template = ChatTemplate.open(modelFolder, limits);
    if (template != null) {
      return template;
    }
    Path config = modelFolder.resolve("config.json");
    String type =
        Files.exists(config) ? JsonFile.read(config, limits).get("model_type").textOrNull() : null;
    return "deepseek_v32".equals(type) && DeepSeekV32Chat.speaks(tokenizer)
        ? new DeepSeekV32Chat()
        : null;
  }
}
