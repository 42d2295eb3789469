package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.answers.Reply;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/messages} and {@code /v1/messages/count_tokens}, as Anthropic's clients speak.
 */
public final class AnthropicMessages {
  private static final Field<@Nullable Integer> MAX_TOKENS =
      Field.integer("max_tokens", 1, Integer.MAX_VALUE);
  private static final Field<List<String>> STOP_SEQUENCES = SamplingFields.stops("stop_sequences");
  private static final Field<Boolean> THINKING =
      Field.of(
          "thinking",
          "an object with type enabled, adaptive or disabled",
          false,
          (place, v) -> {
            JsonNode type = v.get("type");
            if (type == null || !type.isString()) {
              throw place.refuse(v);
            }
            return switch (type.stringValue()) {
              case "enabled", "adaptive" -> true;
              case "disabled" -> false;
              default -> throw place.refuse(type);
            };
          });

  private static final List<Field<?>> CONVERSATION =
      List.of(
          CommonFields.MODEL,
          MessageBlocks.SYSTEM,
          MessageBlocks.MESSAGES,
          ToolFields.SCHEMA_TOOLS,
          ToolFields.TYPED_CHOICE,
          THINKING);

  /** All that such a request may hold. */
  public static final FieldTable TABLE = new FieldTable(rows(), Set.of("metadata", "service_tier"));

  /** Of {@code /v1/messages/count_tokens}. */
  public static final FieldTable COUNT_TABLE = new FieldTable(CONVERSATION, Set.of());

  private final Service service;

  public AnthropicMessages(Service service) {
    this.service = service;
  }

  private static List<Field<?>> rows() {
    List<Field<?>> rows = new ArrayList<>(CONVERSATION);
    rows.addAll(
        List.of(
            MAX_TOKENS,
            STOP_SEQUENCES,
            SamplingFields.TEMPERATURE,
            SamplingFields.TOP_P,
            SamplingFields.TOP_K,
            CommonFields.STREAM));
    return rows;
  }

  /** Answers one request. */
  public void handle(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = TABLE.read(body, Service.bounds(lease.model()));
      List<Question> questions = questions(lease.model(), fields, call);
      Shape shape = new Shape(call, lease.name(), questions.getFirst().prompt().length);
      try (Answers answers = service.asker().ask(call, lease, questions)) {
        if (fields.get(CommonFields.STREAM)) {
          call.events(events -> new MessageEvents(events, shape).stream(answers));
        } else {
          Reply reply = new Reply();
          List<Ending> endings = answers.read((i, part) -> reply.add(part), () -> {});
          call.answer(shape.ended(reply, endings.getFirst()));
        }
      }
    }
  }

  /** Counts what a request's prompt would cost. */
  public void count(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = COUNT_TABLE.read(body, Service.bounds(lease.model()));
      int[] ids = lease.model().tokenizer().encode(turn(fields).render(lease.model()));
      call.answer(Json.object("input_tokens", ids.length));
    }
  }

  private static ChatTurn turn(Fields fields) {
    return new ChatTurn(
            MessageBlocks.conversation(
                fields.get(MessageBlocks.SYSTEM), fields.get(MessageBlocks.MESSAGES)))
        .withTools(fields.get(ToolFields.SCHEMA_TOOLS), fields.get(ToolFields.TYPED_CHOICE))
        .withExtras(TemplateFields.extras(Map.of(), fields.get(THINKING) ? "medium" : "none"));
  }

  private static List<Question> questions(LanguageModel model, Fields fields, Call call) {
    Integer maxTokens = fields.get(MAX_TOKENS);
    if (maxTokens == null) {
      throw ApiError.invalid("max_tokens", "none", MAX_TOKENS.allowed());
    }
    return turn(fields)
        .withMaxTokens("max_tokens", maxTokens)
        .questions(
            model,
            1,
            i ->
                SamplingFields.options(fields, model.defaults(), call.scope(), i)
                    .withStops(fields.get(STOP_SEQUENCES).toArray(String[]::new)));
  }

  /** The message object at its several ages. */
  record Shape(Call call, String model, int promptTokens) {
    Map<String, @Nullable Object> begun() {
      return message(
          List.of(), null, Json.object("input_tokens", promptTokens, "output_tokens", 0));
    }

    Map<String, @Nullable Object> ended(Reply reply, Ending ending) {
      return message(MessageBlocks.content(reply), ending, usage(ending));
    }

    private Map<String, @Nullable Object> message(
        List<?> content, @Nullable Ending ending, Map<String, @Nullable Object> usage) {
      return Json.object(
          "id",
          "msg_" + call.requestId(),
          "type",
          "message",
          "role",
          "assistant",
          "model",
          model,
          "content",
          content,
          "stop_reason",
          ending == null ? null : stopReason(ending),
          "stop_sequence",
          ending == null ? null : ending.stop(),
          "usage",
          usage);
    }

    static String stopReason(Ending ending) {
      return ending.cut()
          ? "max_tokens"
          : ending.calls() ? "tool_use" : ending.stop() != null ? "stop_sequence" : "end_turn";
    }

    static Map<String, @Nullable Object> usage(Ending ending) {
      int cached = ending.stats().cachedTokens();
      return Json.object(
          "input_tokens",
          ending.stats().promptTokens() - cached,
          "cache_read_input_tokens",
          cached,
          "cache_creation_input_tokens",
          0,
          "output_tokens",
          ending.stats().generatedTokens());
    }
  }
}
