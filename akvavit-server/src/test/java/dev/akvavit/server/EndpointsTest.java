package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.http.Json;
import dev.akvavit.server.http.Route;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Each endpoint answers as its dialect says, whole and streamed. */
class EndpointsTest {
  private static final List<Object> HELLO =
      List.of(Json.object("role", "user", "content", "hello"));

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Map<String, Object> completion(Object... more) {
    Map<String, Object> body =
        Json.object("prompt", "class A {", "max_tokens", 12, "temperature", 0);
    body.putAll(Json.object(more));
    return body;
  }

  private static Map<String, Object> chat(Object... more) {
    Map<String, Object> body = Json.object("messages", HELLO, "max_tokens", 12, "temperature", 0);
    body.putAll(Json.object(more));
    return body;
  }

  private static String text(JsonNode completion) {
    return completion.get("choices").get(0).get("text").stringValue();
  }

  private static String said(JsonNode chat) {
    return chat.get("choices").get(0).get("message").get("content").stringValue();
  }

  @Test
  void completionsStreamTheSameText() {
    JsonNode whole = server.answer("/v1/completions", completion());
    assertThat(whole.get("usage").get("completion_tokens").intValue()).isBetween(1, 12);
    List<String> events =
        server.events(
            "/v1/completions",
            completion("stream", true, "stream_options", Map.of("include_usage", true)));
    assertThat(events.getLast()).isEqualTo("[DONE]");
    String streamed =
        events.stream()
            .filter(e -> e.startsWith("{"))
            .map(Json::tree)
            .filter(e -> !e.get("choices").isEmpty())
            .map(EndpointsTest::text)
            .collect(Collectors.joining());
    assertThat(streamed).isEqualTo(text(whole));
    JsonNode usage = Json.tree(events.get(events.size() - 2)).get("usage");
    assertThat(usage.get("completion_tokens"))
        .isEqualTo(whole.get("usage").get("completion_tokens"));
  }

  @Test
  void aTextThatStopsTheAnswerIsNoPartOfIt() {
    String whole = text(server.answer("/v1/completions", completion()));
    String stop = whole.substring(3, 5);
    JsonNode stopped = server.answer("/v1/completions", completion("stop", stop));
    assertThat(text(stopped)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(stopped.get("choices").get(0).get("finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void logProbsFitTheTextAndLeadToIt() {
    JsonNode choice =
        server.answer("/v1/completions", completion("logprobs", 3)).get("choices").get(0);
    JsonNode logProbs = choice.get("logprobs");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < logProbs.get("tokens").size(); i++) {
      text.append(logProbs.get("tokens").get(i).stringValue());
      assertThat(logProbs.get("top_logprobs").get(i).size()).isEqualTo(3);
      assertThat(logProbs.get("token_logprobs").get(i).doubleValue()).isNegative();
    }
    assertThat(text.toString()).startsWith(choice.get("text").stringValue());
  }

  @Test
  void aSeedDrawsTheSameAnswerAndChoicesDiffer() {
    Map<String, Object> drawn = completion("temperature", 1, "seed", 42, "n", 4, "max_tokens", 24);
    JsonNode first = server.answer("/v1/completions", drawn).get("choices");
    assertThat(server.answer("/v1/completions", drawn).get("choices")).isEqualTo(first);
    assertThat(first.valueStream().map(c -> c.get("text").stringValue()).distinct()).hasSize(4);
    Map<String, Object> alone = completion("temperature", 1, "seed", 42, "max_tokens", 24);
    assertThat(text(server.answer("/v1/completions", alone)))
        .isEqualTo(first.get(0).get("text").stringValue());
  }

  @Test
  void biasForcesAToken() {
    String forced =
        text(server.answer("/v1/completions", completion("logit_bias", Map.of("90", 100))));
    assertThat(forced).isEqualTo("Z".repeat(12));
  }

  @Test
  void penaltiesEndARepetition() {
    Map<String, Object> bias = Map.of("90", 20);
    assertThat(text(server.answer("/v1/completions", completion("logit_bias", bias))))
        .isEqualTo("Z".repeat(12));
    for (String penalty : List.of("frequency_penalty", "presence_penalty")) {
      Map<String, Object> body = completion("logit_bias", Map.of("90", 1), "max_tokens", 40);
      String without = text(server.answer("/v1/completions", body));
      body.put(penalty, 2);
      assertThat(text(server.answer("/v1/completions", body))).isNotEqualTo(without);
    }
  }

  @Test
  void echoAndSeveralPromptsKeepTheirOrder() {
    JsonNode choices =
        server
            .answer(
                "/v1/completions",
                Json.object(
                    "prompt",
                    List.of("one", "two"),
                    "echo",
                    true,
                    "max_tokens",
                    3,
                    "temperature",
                    0))
            .get("choices");
    assertThat(choices.get(0).get("text").stringValue()).startsWith("one");
    assertThat(choices.get(1).get("text").stringValue()).startsWith("two");
    assertThat(choices.get(1).get("index").intValue()).isEqualTo(1);
  }

  @Test
  void suffixFillsTheMiddle() {
    JsonNode filled = server.answer("/v1/completions", completion("suffix", "}"));
    assertThat(text(filled)).isNotEqualTo(text(server.answer("/v1/completions", completion())));
  }

  @Test
  void chatStreamsTheSameAnswerInOpenAisOrder() {
    JsonNode whole = server.answer("/v1/chat/completions", chat());
    assertThat(whole.get("object").stringValue()).isEqualTo("chat.completion");
    List<JsonNode> chunks =
        server.events("/v1/chat/completions", chat("stream", true)).stream()
            .filter(e -> e.startsWith("{"))
            .map(Json::tree)
            .toList();
    assertThat(chunks.getFirst().get("choices").get(0).get("delta").get("role").stringValue())
        .isEqualTo("assistant");
    assertThat(chunks.getLast().get("choices").get(0).get("finish_reason").isNull()).isFalse();
    String streamed =
        chunks.stream()
            .map(c -> c.get("choices").get(0).get("delta").path("content").asString(""))
            .collect(Collectors.joining());
    assertThat(streamed).isEqualTo(said(whole));
  }

  @Test
  void chatLogProbsHoldTheAlternativesAskedFor() {
    JsonNode content =
        server
            .answer("/v1/chat/completions", chat("logprobs", true, "top_logprobs", 2))
            .at("/choices/0/logprobs/content");
    assertThat(content.size()).isPositive();
    content.forEach(t -> assertThat(t.get("top_logprobs").size()).isEqualTo(2));
  }

  @Test
  void aSchemaIsKept() {
    Map<String, Object> schema =
        Json.object(
            "type",
            "object",
            "properties",
            Json.object("age", Json.object("type", "integer", "minimum", 1, "maximum", 99)),
            "required",
            List.of("age"),
            "additionalProperties",
            false);
    JsonNode answer =
        server.answer(
            "/v1/chat/completions",
            chat(
                "max_tokens",
                64,
                "response_format",
                Json.object(
                    "type",
                    "json_schema",
                    "json_schema",
                    Json.object("name", "a", "schema", schema))));
    assertThat(Json.tree(said(answer)).get("age").intValue()).isBetween(1, 99);
    assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void aKeywordThatIsNotEnforcedIsRefusedByName() {
    HttpResponse<String> refused =
        server.post(
            "/v1/chat/completions",
            chat(
                "response_format",
                Json.object(
                    "type",
                    "json_schema",
                    "json_schema",
                    Json.object(
                        "name", "a", "schema", Json.object("type", "number", "multipleOf", 3)))));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("multipleOf").contains("\"param\":\"response_format\"");
  }

  private static final Map<String, Object> WEATHER =
      Json.object(
          "name", "weather",
          "description", "the weather of a day",
          "parameters",
              Json.object(
                  "type",
                  "object",
                  "properties",
                  Json.object("day", Json.object("type", "integer", "minimum", 1, "maximum", 31)),
                  "required",
                  List.of("day"),
                  "additionalProperties",
                  false));

  @Test
  void aToolThatHasToBeCalledIs() {
    Map<String, Object> body =
        chat(
            "max_tokens",
            120,
            "tools",
            List.of(Json.object("type", "function", "function", WEATHER)),
            "tool_choice",
            "required");
    JsonNode choice = server.answer("/v1/chat/completions", body).get("choices").get(0);
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("tool_calls");
    JsonNode call = choice.at("/message/tool_calls/0/function");
    assertThat(call.get("name").stringValue()).isEqualTo("weather");
    assertThat(Json.tree(call.get("arguments").stringValue()).get("day").intValue())
        .isBetween(1, 31);
    body.put("stream", true);
    assertThat(server.post("/v1/chat/completions", body).body())
        .contains("\"tool_calls\":[{\"index\":0")
        .contains("\"finish_reason\":\"tool_calls\"");
    assertThat(
            server
                .answer(
                    "/v1/messages",
                    Json.object(
                        "messages",
                        HELLO,
                        "max_tokens",
                        120,
                        "temperature",
                        0,
                        "tools",
                        List.of(
                            Json.object(
                                "name", "weather", "input_schema", WEATHER.get("parameters"))),
                        "tool_choice",
                        Json.object("type", "tool", "name", "weather")))
                .at("/content/0/type")
                .stringValue())
        .isEqualTo("tool_use");
  }

  @Test
  void toolsStandInThePromptAndResultsFollowCalls() {
    JsonNode prompt =
        server.answer(
            "/apply-template",
            Json.object(
                "messages",
                List.of(
                    Json.object("role", "user", "content", "today?"),
                    Json.object(
                        "role",
                        "assistant",
                        "content",
                        null,
                        "tool_calls",
                        List.of(
                            Json.object(
                                "id", "c1",
                                "type", "function",
                                "function",
                                    Json.object("name", "weather", "arguments", "{\"day\": 3}")))),
                    Json.object("role", "tool", "tool_call_id", "c1", "content", "rain")),
                "tools",
                List.of(Json.object("type", "function", "function", WEATHER))));
    assertThat(prompt.get("prompt").stringValue())
        .contains("the weather of a day", "<tool_call>", "\"day\": 3", "rain");
  }

  @Test
  void responsesTellTheSameStory() {
    String said = said(server.answer("/v1/chat/completions", chat()));
    Map<String, Object> body =
        Json.object("input", "hello", "max_output_tokens", 12, "temperature", 0);
    JsonNode whole = server.answer("/v1/responses", body);
    assertThat(whole.at("/output/0/content/0/text").stringValue()).isEqualTo(said);
    assertThat(whole.get("status").stringValue()).isIn("incomplete", "completed");
    body.put("stream", true);
    List<JsonNode> events = server.events("/v1/responses", body).stream().map(Json::tree).toList();
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).get("sequence_number").intValue()).isEqualTo(i);
    }
    assertThat(events.stream().map(e -> e.get("type").stringValue()))
        .startsWith(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta");
    assertThat(
            events.stream()
                .filter(e -> e.get("type").stringValue().equals("response.output_text.delta"))
                .map(e -> e.get("delta").stringValue())
                .collect(Collectors.joining()))
        .isEqualTo(said);
    assertThat(events.getLast().at("/response/output/0/content/0/text").stringValue())
        .isEqualTo(said);
  }

  @Test
  void messagesTellTheSameStory() {
    String said = said(server.answer("/v1/chat/completions", chat()));
    Map<String, Object> body = Json.object("messages", HELLO, "max_tokens", 12, "temperature", 0);
    JsonNode whole = server.answer("/v1/messages", body);
    assertThat(whole.at("/content/0/text").stringValue()).isEqualTo(said);
    assertThat(whole.get("stop_reason").stringValue()).isIn("max_tokens", "end_turn");
    body.put("stream", true);
    String stream = server.post("/v1/messages", body).body();
    assertThat(stream)
        .startsWith("event: message_start\n")
        .contains("event: content_block_start\n");
    List<JsonNode> events = TestServer.events(stream).stream().map(Json::tree).toList();
    assertThat(events.getLast().get("type").stringValue()).isEqualTo("message_stop");
    assertThat(
            events.stream()
                .map(e -> e.at("/delta/text").asString(""))
                .collect(Collectors.joining()))
        .isEqualTo(said);
    body.remove("stream");
    body.put("stop_sequences", List.of(said.substring(2, 4)));
    JsonNode stopped = server.answer("/v1/messages", body);
    assertThat(stopped.get("stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(stopped.get("stop_sequence").stringValue()).isEqualTo(said.substring(2, 4));
  }

  @Test
  void tokensAreCountedAsTheyAreUsed() {
    JsonNode tokens = server.answer("/tokenize", Json.object("content", "héllo"));
    assertThat(tokens.get("count").intValue()).isEqualTo(6);
    assertThat(
            server
                .answer("/detokenize", Json.object("tokens", Json.plain(tokens.get("tokens"))))
                .get("content")
                .stringValue())
        .isEqualTo("héllo");
    JsonNode prompt = server.answer("/apply-template", Json.object("messages", HELLO));
    assertThat(prompt.get("prompt").stringValue())
        .isEqualTo("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n");
    assertThat(prompt.get("count"))
        .isEqualTo(server.answer("/v1/chat/completions", chat()).at("/usage/prompt_tokens"));
    assertThat(
            server
                .answer("/v1/messages/count_tokens", Json.object("messages", HELLO))
                .get("input_tokens"))
        .isEqualTo(prompt.get("count"));
  }

  @Test
  void aPromptThatCameBeforeIsFoundInTheCache() {
    Map<String, Object> body = completion("prompt", "int x = 0; ".repeat(20), "max_tokens", 2);
    server.answer("/v1/completions", body);
    JsonNode again = server.answer("/v1/completions", body);
    assertThat(again.at("/usage/prompt_tokens_details/cached_tokens").intValue()).isPositive();
  }

  @Test
  void modelsTellWhatTheyAre() {
    JsonNode model = Json.tree(server.get("/v1/models").body()).get("data").get(0);
    assertThat(model.get("id").stringValue()).isEqualTo(TestServer.MODEL);
    assertThat(model.get("context_length").intValue()).isEqualTo(TinyChatModel.CONTEXT);
    assertThat(model.get("kv_bytes_per_token").intValue()).isPositive();
    assertThat(Json.tree(server.get("/v1/models/tiny").body())).isEqualTo(model);
    assertThat(server.get("/v1/models/other").statusCode()).isEqualTo(404);
  }

  @Test
  void metricsCountUnderBothNames() {
    server.answer("/v1/completions", completion());
    String metrics = server.get("/metrics").body();
    assertThat(metrics)
        .contains(
            "gen_ai_server_time_to_first_token_seconds_bucket",
            "akvavit_kv_bytes_per_token{model=\"tiny\",plane=",
            "akvavit_requests_running{model=\"tiny\"} 0",
            "vllm:num_requests_waiting{model_name=\"tiny\"} 0",
            "vllm:time_to_first_token_seconds_count{model_name=\"tiny\"}",
            "akvavit_kv_cache_pages{model=\"tiny\",state=\"kept\"}");
  }

  @Test
  @Timeout(60)
  void aRequestLeavesALineThatHoldsNoText() {
    HttpResponse<String> response =
        server.send(
            server
                .request("/v1/completions")
                .header("X-Request-Id", "mine-1")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(Json.text(completion())))
                .build());
    assertThat(response.headers().firstValue("X-Request-Id")).contains("mine-1");
    Optional<String> written = Optional.empty();
    while (written.isEmpty()) { // the line is written when the answer is gone
      Thread.onSpinWait();
      written =
          List.copyOf(server.accessLog).stream().filter(l -> l.contains("mine-1")).findFirst();
    }
    String line = written.get();
    JsonNode facts = Json.tree(line);
    assertThat(facts.get("status").intValue()).isEqualTo(200);
    assertThat(facts.get("gen_ai.usage.output_tokens").intValue()).isPositive();
    assertThat(line).doesNotContain("class A");
  }

  @Test
  void healthAndSlots() {
    assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(server.get("/health/ready").body()).contains("ready");
    assertThat(Json.tree(server.get("/slots").body()).get(0).get("slots").intValue()).isEqualTo(16);
  }

  @Test
  void whatHasNoRowHasNoAnswer() {
    assertThat(server.get("/v1/nothing").statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/completions").statusCode()).isEqualTo(405);
    assertThat(server.get("/health/live/x").statusCode()).isEqualTo(404);
    assertThat(server.server.routes().stream().filter(r -> r.access() == Route.Access.OPEN))
        .extracting(Route::path)
        .as("everything else asks for the key, save the page's own files, which hold no secret")
        .allMatch(path -> path.equals("/health/live") || path.equals("/") || path.contains("."));
  }

  @Test
  void whatDoesNotFitIsRefusedWithBothCounts() {
    HttpResponse<String> refused =
        server.post("/v1/completions", completion("prompt", "x".repeat(2000)));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("2000 tokens").contains("1023").contains("1024");
    assertThat(server.post("/v1/completions", completion("max_tokens", 5000)).body())
        .contains("5000")
        .contains("\"param\":\"max_tokens\"");
  }
}
