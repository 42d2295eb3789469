package dev.akvavit.server.dialects;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Answers;
import dev.akvavit.server.answers.Ending;
import dev.akvavit.server.answers.Question;
import dev.akvavit.server.answers.Reply;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.fields.Fields;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import dev.akvavit.text.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/responses}, without state: what OpenAI would remember between two requests the
 * client sends again.
 */
public final class OpenAiResponses {
  private static final Field<@Nullable String> INSTRUCTIONS =
      Field.text("instructions", MessageFields.MAX_TEXT);
  private static final Field<@Nullable Integer> MAX_OUTPUT_TOKENS =
      Field.integer("max_output_tokens", 1, Integer.MAX_VALUE);
  private static final Field<@Nullable String> TRUNCATION = Field.choice("truncation", "disabled");
  private static final Field<@Nullable String> REASONING =
      Field.of(
          "reasoning",
          "an object with effort: one of none, minimal, low, medium, high",
          null,
          (place, v) -> {
            if (!v.isObject()) {
              throw place.refuse(v);
            }
            return TemplateFields.REASONING_EFFORT.read(v.get("effort"), place.bounds());
          });

  /** All that such a request may hold. */
  public static final FieldTable TABLE =
      new FieldTable(
          List.of(
              CommonFields.MODEL,
              ResponseItems.INPUT,
              INSTRUCTIONS,
              MAX_OUTPUT_TOKENS,
              SamplingFields.TEMPERATURE,
              SamplingFields.TOP_P,
              SamplingFields.SEED,
              ToolFields.FLAT_TOOLS,
              ToolFields.TOOL_CHOICE,
              ToolFields.PARALLEL,
              FormatFields.TEXT,
              REASONING,
              TRUNCATION,
              CommonFields.STREAM),
          Set.of(
              "user",
              "metadata",
              "store",
              "service_tier",
              "include",
              "safety_identifier",
              "prompt_cache_key"));

  private final Service service;

  public OpenAiResponses(Service service) {
    this.service = service;
  }

  /** Answers one request. */
  public void handle(Call call) {
    JsonNode body = call.json();
    try (ModelShelf.Lease lease = service.model(body)) {
      Fields fields = TABLE.read(body, Service.bounds(lease.model()));
      List<Question> questions = questions(lease.model(), fields, call);
      Shape shape = new Shape(call, lease.name(), fields);
      try (Answers answers = service.asker().ask(call, lease, questions)) {
        if (fields.get(CommonFields.STREAM)) {
          call.events(events -> new ResponseEvents(events, shape).stream(answers));
        } else {
          Reply reply = new Reply();
          List<Ending> endings = answers.read((i, part) -> reply.add(part), () -> {});
          call.answer(shape.ended(reply, endings.getFirst()));
        }
      }
    }
  }

  private static List<Question> questions(LanguageModel model, Fields fields, Call call) {
    Integer maxTokens = fields.get(MAX_OUTPUT_TOKENS);
    List<ChatMessage> messages = new ArrayList<>();
    String instructions = fields.get(INSTRUCTIONS);
    if (instructions != null) {
      messages.add(ChatMessage.system(instructions));
    }
    messages.addAll(ResponseItems.required(fields.get(ResponseItems.INPUT)));
    return new ChatTurn(messages)
        .withTools(fields.get(ToolFields.FLAT_TOOLS), fields.get(ToolFields.TOOL_CHOICE))
        .withFormat(fields.get(FormatFields.TEXT))
        .withExtras(TemplateFields.extras(Map.of(), fields.get(REASONING)))
        .withMaxTokens("max_output_tokens", maxTokens == null ? 0 : maxTokens)
        .questions(
            model, 1, i -> SamplingFields.options(fields, model.defaults(), call.scope(), i));
  }

  /** The response object at its several ages. */
  record Shape(Call call, String model, Fields fields) {
    String id() {
      return "resp_" + call.requestId();
    }

    Map<String, @Nullable Object> begun() {
      return response("in_progress", List.of(), null, null);
    }

    Map<String, @Nullable Object> ended(Reply reply, Ending ending) {
      return response(
          ending.cut() ? "incomplete" : "completed",
          ResponseItems.output(id(), reply),
          ending,
          reply);
    }

    private Map<String, @Nullable Object> response(
        String status, List<?> output, @Nullable Ending ending, @Nullable Reply reply) {
      Map<String, @Nullable Object> response = new LinkedHashMap<>();
      response.put("id", id());
      response.put("object", "response");
      response.put("created_at", call.epochSeconds());
      response.put("status", status);
      response.put("error", null);
      response.put(
          "incomplete_details",
          ending != null && ending.cut() ? Json.object("reason", "max_output_tokens") : null);
      response.put("instructions", fields.get(INSTRUCTIONS));
      response.put("max_output_tokens", fields.get(MAX_OUTPUT_TOKENS));
      response.put("model", model);
      response.put("output", output);
      response.put("parallel_tool_calls", fields.get(ToolFields.PARALLEL));
      response.put("previous_response_id", null);
      response.put("temperature", fields.get(SamplingFields.TEMPERATURE));
      response.put("top_p", fields.get(SamplingFields.TOP_P));
      response.put("tool_choice", "auto");
      response.put("tools", List.of());
      response.put("truncation", "disabled");
      response.put("usage", ending == null ? null : usage(ending));
      response.put("metadata", Json.object());
      if (reply != null) {
        response.put("output_text", reply.content());
      }
      return response;
    }

    private static Map<String, @Nullable Object> usage(Ending ending) {
      int in = ending.stats().promptTokens();
      int out = ending.stats().generatedTokens();
      return Json.object(
          "input_tokens",
          in,
          "input_tokens_details",
          Json.object("cached_tokens", ending.stats().cachedTokens()),
          "output_tokens",
          out,
          "output_tokens_details",
          Json.object("reasoning_tokens", 0),
          "total_tokens",
          in + out);
    }
  }
}
