package dev.akvavit.server.insight;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.fields.Bounds;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.Field.Place;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.models.ModelShelf;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.FimTokens;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.template.TemplateException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The prompt that a request is about: a text as {@code /v1/completions} takes it, with or without a
 * {@code suffix}, or messages as {@code /v1/chat/completions} takes them.
 */
final class Subject {
  private static final int MAX_TEXT = 1 << 20;
  private static final int MAX_MESSAGES = 1024;

  private static final Field<@Nullable String> MODEL = Field.text("model", 256);
  private static final Field<@Nullable String> TEXT = Field.text("text", MAX_TEXT);
  private static final Field<@Nullable String> SUFFIX = Field.text("suffix", MAX_TEXT);
  private static final Field<List<ChatMessage>> MESSAGES =
      Field.of(
          "messages",
          "up to " + MAX_MESSAGES + " messages, each with role and content as texts",
          List.of(),
          (place, v) -> Field.list(place, v, MAX_MESSAGES, Subject::message));
  private static final FieldTable TABLE =
      new FieldTable(List.of(MODEL, TEXT, SUFFIX, MESSAGES), Set.of());

  private Subject() {}

  /** The model that a body names; open until the lease is closed. */
  static ModelShelf.Lease model(ModelShelf shelf, JsonNode body) {
    return shelf.use(TABLE.read(body, Bounds.NONE).get(MODEL));
  }

  /**
   * The prompt's token ids, as the same request for an answer would begin.
   *
   * @throws ApiError when the body names no prompt, two of them, or one that never fits
   */
  static int[] ids(LanguageModel model, JsonNode body) {
    Fields fields = TABLE.read(body, Bounds.NONE);
    String text = fields.get(TEXT);
    List<ChatMessage> messages = fields.get(MESSAGES);
    if ((text == null) == messages.isEmpty()) {
      throw ApiError.invalid(
          "text", text == null ? "none" : "text and messages", "either text or messages");
    }
    int[] ids = text == null ? chat(model, messages) : document(model, text, fields.get(SUFFIX));
    int context = model.engine().limits().maxContext();
    if (ids.length > context) {
      throw ApiError.refused(
          text == null ? "messages" : "text",
          "context_length_exceeded",
          "prompt: found " + ids.length + " tokens, allowed: up to " + context);
    }
    return ids;
  }

  private static int[] document(LanguageModel model, String text, @Nullable String suffix) {
    Question.requireShort(model, suffix == null ? text : text + suffix);
    Tokenizer tokenizer = model.tokenizer();
    if (suffix == null) {
      return tokenizer.encodeDocument(Prompt.content(text));
    }
    FimTokens gap = FimTokens.of(tokenizer);
    if (gap == null) {
      throw ApiError.refused(
          "suffix", "unsupported", "suffix: this model has no tokens to fill in the middle");
    }
    return gap.encode(tokenizer, text, suffix);
  }

  private static int[] chat(LanguageModel model, List<ChatMessage> messages) {
    if (!model.chats()) {
      throw ApiError.refused(
          "messages", "no_chat_template", "messages: the model has no chat template; use text");
    }
    try {
      Prompt prompt = model.render(messages, Map.of());
      Question.requireShort(model, prompt.text());
      return model.tokenizer().encode(prompt);
    } catch (TemplateException e) {
      throw ApiError.refused(
          "messages", "template_refused", "messages: refused by the template: " + e.getMessage());
    }
  }

  private static ChatMessage message(Place place, JsonNode v) {
    if (!v.isObject() || v.size() != 2 || !v.has("role") || !v.has("content")) {
      throw place.refuse(v);
    }
    Place role = place.at(".role", "one of " + String.join(", ", ChatMessage.ROLES));
    String speaker = Field.text(role, v.get("role"), 32);
    if (!ChatMessage.ROLES.contains(speaker)) {
      throw role.refuse(v.get("role"));
    }
    Place content = place.at(".content", "a text of up to " + MAX_TEXT + " characters");
    return new ChatMessage(speaker, Field.text(content, v.get("content"), MAX_TEXT));
  }

  /** What each token stands for; bytes that are no text by themselves in hexadecimal. */
  static List<String> pieces(Tokenizer tokenizer, int[] ids) {
    List<String> pieces = new ArrayList<>(ids.length);
    for (int id : ids) {
      pieces.add(tokenizer.special(id) ? tokenizer.token(id) : text(tokenizer.bytes(id)));
    }
    return pieces;
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "<" + HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes) + ">";
    }
  }
}
