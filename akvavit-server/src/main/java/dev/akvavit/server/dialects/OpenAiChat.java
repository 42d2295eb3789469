package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.TextPiece;
import dev.akvavit.engine.Request;
import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Part;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.answers.Reply;
import dev.akvavit.server.answers.Usage;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.EventStream;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/chat/completions}. */
public final class OpenAiChat {
  private static final Field<@Nullable Integer> MAX_TOKENS =
      Field.integer("max_tokens", 1, Integer.MAX_VALUE);
  private static final Field<@Nullable Integer> MAX_COMPLETION_TOKENS =
      Field.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
  private static final Field<Boolean> LOG_PROBS = Field.flag("logprobs", false);
  private static final Field<@Nullable Integer> TOP_LOG_PROBS =
      Field.integer("top_logprobs", 0, 20);

  /** All that such a request may hold. */
  public static final FieldTable TABLE =
      new FieldTable(
          Stream.of(
                  Stream.<Field<?>>of(
                      CommonFields.MODEL,
                      MessageFields.MESSAGES,
                      MAX_TOKENS,
                      MAX_COMPLETION_TOKENS,
                      ToolFields.TOOLS,
                      ToolFields.TOOL_CHOICE,
                      ToolFields.PARALLEL,
                      FormatFields.RESPONSE_FORMAT,
                      TemplateFields.REASONING_EFFORT,
                      TemplateFields.KWARGS,
                      LOG_PROBS,
                      TOP_LOG_PROBS,
                      CommonFields.STREAM,
                      CommonFields.STREAM_USAGE),
                  SamplingFields.ROWS.stream())
              .flatMap(rows -> rows)
              .toList(),
          Set.of(
              "user",
              "metadata",
              "store",
              "service_tier",
              "safety_identifier",
              "prompt_cache_key",
              "prompt_cache_retention"));

  private final Service service;

  public OpenAiChat(Service service) {
    this.service = service;
  }

  /** Answers one request. */
  public void handle(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = TABLE.read(body, Service.bounds(lease.model()));
      List<Question> questions = questions(lease.model(), fields, call);
      Shape shape = new Shape(call, lease, fields);
      try (Answers answers = service.asker().ask(call, lease, questions)) {
        if (fields.get(CommonFields.STREAM)) {
          call.events(events -> shape.stream(answers, events));
        } else {
          call.answer(shape.whole(answers));
        }
      }
    }
  }

  private static List<Question> questions(LanguageModel model, Fields fields, Call call) {
    Integer completion = fields.get(MAX_COMPLETION_TOKENS);
    Integer maxTokens = completion == null ? fields.get(MAX_TOKENS) : completion;
    ChatTurn turn =
        new ChatTurn(MessageFields.required(fields.get(MessageFields.MESSAGES)))
            .withTools(fields.get(ToolFields.TOOLS), fields.get(ToolFields.TOOL_CHOICE))
            .withFormat(fields.get(FormatFields.RESPONSE_FORMAT))
            .withExtras(
                TemplateFields.extras(
                    fields.get(TemplateFields.KWARGS), fields.get(TemplateFields.REASONING_EFFORT)))
            .withMaxTokens(
                completion == null ? "max_tokens" : "max_completion_tokens",
                maxTokens == null ? 0 : maxTokens);
    int alternatives = alternatives(fields);
    return turn.questions(
        model,
        fields.get(SamplingFields.CHOICES),
        i ->
            SamplingFields.options(fields, model.defaults(), call.scope(), i)
                .withLogProbs(alternatives));
  }

  private static int alternatives(Fields fields) {
    Integer top = fields.get(TOP_LOG_PROBS);
    if (!fields.get(LOG_PROBS)) {
      if (top != null) {
        throw ApiError.refused(
            "top_logprobs", "invalid_value", "top_logprobs: allowed only with logprobs: true");
      }
      return Request.NO_LOG_PROBS;
    }
    return top == null ? 0 : top;
  }

  /** The answer's JSON. */
  private record Shape(Call call, ModelShelf.Lease lease, Fields fields) {
    Map<String, @Nullable Object> whole(Answers answers) {
      List<Reply> replies = Reply.list(fields.get(SamplingFields.CHOICES));
      List<Ending> endings = answers.read((i, part) -> replies.get(i).add(part), () -> {});
      List<Object> choices = new ArrayList<>();
      for (int i = 0; i < replies.size(); i++) {
        Reply reply = replies.get(i);
        choices.add(choice(i, "message", message(reply), reply.tokens(), endings.get(i)));
      }
      Map<String, @Nullable Object> answer = envelope("chat.completion", choices);
      answer.put("usage", Usage.of(endings, endings.size()).openAi());
      answer.put("timings", Timings.of(endings.getFirst().stats()));
      return answer;
    }

    private static Map<String, @Nullable Object> message(Reply reply) {
      boolean onlyCalls = reply.content().isEmpty() && !reply.calls().isEmpty();
      Map<String, @Nullable Object> message =
          Json.object(
              "role", "assistant", "content", onlyCalls ? null : reply.content(), "refusal", null);
      if (!reply.reasoning().isEmpty()) {
        message.put("reasoning_content", reply.reasoning());
        message.put("reasoning", reply.reasoning());
      }
      if (!reply.calls().isEmpty()) {
        message.put(
            "tool_calls",
            reply.calls().stream()
                .map(c -> MessageFields.toolCall(c.id(), c.name(), c.arguments()))
                .toList());
      }
      return message;
    }

    void stream(Answers answers, EventStream events) {
      for (int i = 0; i < fields.get(SamplingFields.CHOICES); i++) {
        events.send(chunk(i, Json.object("role", "assistant", "content", ""), List.of(), null));
      }
      List<Ending> endings = answers.read((i, part) -> send(events, i, part), events::heartbeat);
      for (int i = 0; i < endings.size(); i++) {
        events.send(chunk(i, Json.object(), List.of(), endings.get(i)));
      }
      if (fields.get(CommonFields.STREAM_USAGE)) {
        Map<String, @Nullable Object> last = envelope("chat.completion.chunk", List.of());
        last.put("usage", Usage.of(endings, endings.size()).openAi());
        last.put("timings", Timings.of(endings.getFirst().stats()));
        events.send(last);
      }
      events.done();
    }

    private void send(EventStream events, int choice, Part part) {
      switch (part) {
        case Part.Content c -> {
          if (!c.text().isEmpty() || fields.get(LOG_PROBS)) {
            events.send(chunk(choice, Json.object("content", c.text()), c.tokens(), null));
          }
        }
        case Part.Reasoning r ->
            events.send(
                chunk(
                    choice,
                    Json.object("reasoning_content", r.text(), "reasoning", r.text()),
                    List.of(),
                    null));
        case Part.Call call -> {
          Map<String, @Nullable Object> whole = Json.object("index", call.index());
          whole.putAll(MessageFields.toolCall(call.id(), call.name(), call.arguments()));
          events.send(chunk(choice, Json.object("tool_calls", List.of(whole)), List.of(), null));
        }
      }
    }

    private Map<String, @Nullable Object> chunk(
        int index, Object delta, List<TextPiece> tokens, @Nullable Ending ending) {
      return envelope(
          "chat.completion.chunk", List.of(choice(index, "delta", delta, tokens, ending)));
    }

    private Map<String, @Nullable Object> choice(
        int index, String member, Object value, List<TextPiece> tokens, @Nullable Ending ending) {
      boolean scored = fields.get(LOG_PROBS) && (!tokens.isEmpty() || member.equals("message"));
      Map<String, @Nullable Object> choice =
          Json.object(
              "index",
              index,
              member,
              value,
              "logprobs",
              scored ? LogProbJson.chat(lease.model().tokenizer(), tokens) : null,
              "finish_reason",
              ending == null ? null : ending.openAi());
      Endings.note(choice, ending);
      return choice;
    }

    private Map<String, @Nullable Object> envelope(String object, List<?> choices) {
      return Json.object(
          "id",
          "chatcmpl-" + call.requestId(),
          "object",
          object,
          "created",
          call.epochSeconds(),
          "model",
          lease.name(),
          "choices",
          choices);
    }
  }
}
