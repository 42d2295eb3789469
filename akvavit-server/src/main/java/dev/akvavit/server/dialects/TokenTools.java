package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import dev.akvavit.text.ChatMessage;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /tokenize}, {@code /detokenize} and {@code /apply-template}: what a text is to the
 * model. Field names are llama.cpp's, {@code prompt} for {@code content} is vLLM's.
 */
public final class TokenTools {
  private static final int MAX_IDS = 1 << 20;

  private static final Field<@Nullable String> CONTENT =
      Field.text("content", MessageFields.MAX_TEXT);
  private static final Field<@Nullable String> PROMPT =
      Field.text("prompt", MessageFields.MAX_TEXT);
  private static final Field<Boolean> ADD_SPECIAL = Field.flag("add_special", false);
  private static final Field<Boolean> ADD_SPECIAL_TOKENS = Field.flag("add_special_tokens", false);
  private static final Field<Boolean> WITH_PIECES = Field.flag("with_pieces", false);
  private static final Field<List<Integer>> TOKENS =
      Field.of(
          "tokens",
          "a list of token ids of the vocabulary",
          List.of(),
          (place, v) ->
              Field.list(
                  place,
                  v,
                  MAX_IDS,
                  (at, id) -> Field.whole(at, id, 0, place.bounds().vocabulary() - 1)));

  /** Of {@code /tokenize}. */
  public static final FieldTable TOKENIZE =
      new FieldTable(
          List.of(
              CommonFields.MODEL, CONTENT, PROMPT, ADD_SPECIAL, ADD_SPECIAL_TOKENS, WITH_PIECES),
          Set.of());

  /** Of {@code /detokenize}. */
  public static final FieldTable DETOKENIZE =
      new FieldTable(List.of(CommonFields.MODEL, TOKENS), Set.of());

  /** Of {@code /apply-template}. */
  public static final FieldTable APPLY_TEMPLATE =
      new FieldTable(
          List.of(
              CommonFields.MODEL, MessageFields.MESSAGES, ToolFields.TOOLS, TemplateFields.KWARGS),
          Set.of());

  private final Service service;

  public TokenTools(Service service) {
    this.service = service;
  }

  /** The tokens of a text. */
  public void tokenize(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      LanguageModel model = lease.model();
      Fields fields = TOKENIZE.read(body, Service.bounds(model));
      String content = fields.get(CONTENT);
      String text = content == null ? fields.get(PROMPT) : content;
      if (text == null) {
        throw ApiError.invalid("content", "none", CONTENT.allowed());
      }
      Prompt prompt = Prompt.content(text);
      boolean document = fields.get(ADD_SPECIAL) || fields.get(ADD_SPECIAL_TOKENS);
      int[] ids =
          document ? model.tokenizer().encodeDocument(prompt) : model.tokenizer().encode(prompt);
      call.answer(tokens(model, ids, fields.get(WITH_PIECES)));
    }
  }

  private static Map<String, @Nullable Object> tokens(
      LanguageModel model, int[] ids, boolean pieces) {
    return Json.object(
        "tokens",
        pieces
            ? Arrays.stream(ids).mapToObj(id -> piece(model.tokenizer(), id)).toList()
            : Arrays.stream(ids).boxed().toList(),
        "count",
        ids.length,
        "max_model_len",
        model.engine().limits().maxContext());
  }

  private static Map<String, @Nullable Object> piece(Tokenizer tokenizer, int id) {
    return Json.object("id", id, "piece", tokenizer.decode(new int[] {id}, false));
  }

  /** The text of tokens. */
  public void detokenize(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = DETOKENIZE.read(body, Service.bounds(lease.model()));
      int[] ids = fields.get(TOKENS).stream().mapToInt(i -> i).toArray();
      String text = lease.model().tokenizer().decode(ids, false);
      call.answer(Json.object("content", text, "prompt", text));
    }
  }

  /** The prompt that a conversation becomes, as text and as tokens. */
  public void applyTemplate(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      LanguageModel model = lease.model();
      Fields fields = APPLY_TEMPLATE.read(body, Service.bounds(model));
      List<ChatMessage> messages = MessageFields.required(fields.get(MessageFields.MESSAGES));
      Prompt prompt =
          new ChatTurn(messages)
              .withTools(fields.get(ToolFields.TOOLS), new ToolFields.Choice.Auto())
              .withExtras(fields.get(TemplateFields.KWARGS))
              .render(model);
      Question.requireShort(model, prompt.text());
      int[] ids = model.tokenizer().encode(prompt);
      Map<String, @Nullable Object> answer = Json.object("prompt", prompt.text());
      answer.putAll(tokens(model, ids, false));
      answer.put("spans", spans(prompt));
      call.answer(answer);
    }
  }

  /** Who wrote what: control tokens are read in the template's spans only. */
  private static List<Object> spans(Prompt prompt) {
    List<Object> spans = new ArrayList<>();
    for (Prompt.Span span : prompt.spans()) {
      spans.add(
          Json.object(
              "origin",
              span.origin() == Prompt.Origin.TEMPLATE ? "template" : "content",
              "text",
              span.text()));
    }
    return spans;
  }
}
