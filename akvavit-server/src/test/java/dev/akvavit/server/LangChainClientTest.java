package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** LangChain4j's streaming client against the server. */
class LangChainClientTest {
  private static final JsonObjectSchema AGE =
      JsonObjectSchema.builder()
          .addProperty("age", JsonIntegerSchema.builder().build())
          .required("age")
          .additionalProperties(false)
          .build();

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder model() {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(server.address() + "/v1")
        .apiKey("any")
        .modelName(TestServer.MODEL)
        .temperature(0.0)
        .maxTokens(100)
        .timeout(Duration.ofMinutes(2));
  }

  private record Told(String streamed, ChatResponse response) {}

  private static Told ask(OpenAiStreamingChatModel model, ChatRequest request) {
    StringBuilder streamed = new StringBuilder();
    CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    model.chat(
        request,
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String partial) {
            streamed.append(partial);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            whole.completeExceptionally(error);
          }
        });
    ChatResponse response = whole.join(); // the client works on a thread of its own
    return new Told(streamed.toString(), response);
  }

  private static ChatRequest.Builder hello() {
    return ChatRequest.builder().messages(UserMessage.from("hello"));
  }

  @Test
  void chatStreamsWithUsageAndReason() {
    Told told = ask(model().maxTokens(12).build(), hello().build());
    assertThat(told.response().aiMessage().text()).isEqualTo(told.streamed()).isNotEmpty();
    assertThat(told.response().tokenUsage().inputTokenCount()).isPositive();
    assertThat(told.response().finishReason()).isIn(FinishReason.LENGTH, FinishReason.STOP);
  }

  @Test
  void stopEndsTheAnswer() {
    String whole = ask(model().maxTokens(24).build(), hello().build()).streamed();
    String stop = whole.substring(4, 6);
    Told told = ask(model().maxTokens(24).stop(List.of(stop)).build(), hello().build());
    assertThat(told.streamed()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
  }

  @Test
  void aSchemaIsKept() {
    Told told =
        ask(
            model().strictJsonSchema(true).build(),
            hello()
                .responseFormat(
                    ResponseFormat.builder()
                        .type(ResponseFormatType.JSON)
                        .jsonSchema(JsonSchema.builder().name("person").rootElement(AGE).build())
                        .build())
                .build());
    assertThat(told.streamed()).matches("\\s*\\{\\s*\"age\"\\s*:\\s*-?[0-9.eE+-]+\\s*\\}\\s*");
  }

  @Test
  void aToolIsCalled() {
    Told told =
        ask(
            model().build(),
            hello()
                .toolSpecifications(
                    ToolSpecification.builder()
                        .name("store")
                        .description("stores an age")
                        .parameters(AGE)
                        .build())
                .toolChoice(ToolChoice.REQUIRED)
                .build());
    assertThat(told.response().aiMessage().toolExecutionRequests())
        .singleElement()
        .satisfies(call -> assertThat(call.name()).isEqualTo("store"));
    assertThat(told.response().finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
  }

  @Test
  void errorsAreTheClientsOwnKinds() {
    assertThatThrownBy(() -> ask(model().temperature(7.0).build(), hello().build()))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> ask(model().modelName("other").build(), hello().build()))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ModelNotFoundException.class);
  }
}
