package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.http.Json;
import dev.akvavit.server.options.ModelSource;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How answers end when it is not the model that ends them: failure, deadline, closing, no room. */
class EndingTest {
  private static final Map<String, Object> LONG =
      Json.object(
          "prompt",
          "for ever",
          "max_tokens",
          900,
          "temperature",
          0,
          "stream",
          true,
          "logit_bias",
          Map.of(Integer.toString(TinyChatModel.END), -100));

  @Test
  void aFailingRequestFailsAloneAndIsNotTriedAgain() {
    try (TestServer server = TestServer.start()) {
      Map<String, Object> good = Json.object("prompt", "good", "max_tokens", 8, "temperature", 0);
      String text = server.answer("/v1/completions", good).at("/choices/0/text").stringValue();
      for (int i = 0; i < 3; i++) {
        Map<String, Object> bad = Json.object("prompt", "bad " + i + "\u0001", "max_tokens", 8);
        HttpResponse<String> failed = server.post("/v1/completions", bad);
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("engine_failed");
        HttpResponse<String> again = server.post("/v1/completions", bad);
        assertThat(again.statusCode()).isEqualTo(503);
        assertThat(again.body()).contains("failed_before");
        assertThat(again.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(500L, 600L);
      }
      assertThat(server.get("/health/ready").body()).contains("failing");
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(server.answer("/v1/completions", good).at("/choices/0/text").stringValue())
          .isEqualTo(text);
      List<String> events =
          server.events(
              "/v1/completions", Json.object("prompt", "\u0001 streamed", "stream", true));
      assertThat(events).hasSize(1);
      ErrorBodies.check(events.getFirst());
    }
  }

  @Test
  void aDeadlineEndsAnAnswerWithWhatThereIs() {
    try (TestServer server =
        TestServer.start(s ->
            s.withTimes(Duration.ofSeconds(10), Duration.ofMillis(1), Duration.ofSeconds(5)))) {
      Map<String, Object> body = Json.object();
      body.putAll(LONG);
      body.put("stream", false);
      JsonNode choice = server.answer("/v1/completions", body).get("choices").get(0);
      assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
      assertThat(choice.get("end_reason").stringValue()).isEqualTo("deadline");
    }
  }

  @Test
  void silenceIsFilledWithHeartbeats() {
    try (TestServer server =
        TestServer.start(
            s -> s.withTimes(Duration.ofNanos(1), Duration.ofMinutes(1), Duration.ofSeconds(5)))) {
      assertThat(server.post("/v1/completions", LONG).body()).contains(": working\n\n");
    }
  }

  @Test
  void drainingLetsStreamsEndAndTakesNoMore() throws Exception {
    try (TestServer server = TestServer.start()) {
      List<CompletableFuture<String>> streams = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        streams.add(
            CompletableFuture.supplyAsync(() -> server.post("/v1/completions", LONG).body()));
      }
      awaitRunning(server, 8);
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> {
            try {
              return server.server.drain();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      HttpResponse<String> ready;
      do {
        ready = server.get("/health/ready");
      } while (ready.statusCode() != 503);
      assertThat(ready.body()).contains("draining");
      assertThat(drained.get()).isTrue();
      HttpResponse<String> late = server.post("/v1/completions", LONG);
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("Retry-After")).isPresent();
      for (CompletableFuture<String> stream : streams) {
        assertThat(stream.get()).endsWith("data: [DONE]\n\n");
      }
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whatIsCutByClosingSaysSo() throws Exception {
    List<CompletableFuture<String>> streams = new ArrayList<>();
    try (TestServer server = TestServer.start(s -> s.withOptions(o -> o.withMaxSequences(2)))) {
      for (int i = 0; i < 8; i++) {
        streams.add(
            CompletableFuture.supplyAsync(() -> server.post("/v1/completions", LONG).body()));
      }
      awaitRunning(server, 8);
      server.server.close();
      for (CompletableFuture<String> stream : streams) {
        String last = TestServer.events(stream.get()).getLast();
        assertThat(last).matches(e -> e.equals("[DONE]") || e.contains("\"closing\""));
      }
    }
  }

  private static void awaitRunning(TestServer server, int count) {
    int[] admitted = new int[1];
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (admitted[0] < count) {
      assertThat(System.nanoTime()).isLessThan(end);
      server.server.describe(m -> {
        var counters = m.engine().counters();
        long ended = counters.ended().values().stream().mapToLong(e -> e).sum();
        admitted[0] = (int) (counters.admitted() + ended);
      });
    }
  }

  @Test
  void modelsAreOpenedWhenAskedForAndClosedForOthers() {
    ModelSource[] both = {
      new ModelSource("one", TestServer.folder(), TestServer.tinyOptions()),
      new ModelSource("two", TestServer.folder(), TestServer.tinyOptions())
    };
    try (TestServer server = TestServer.start(s -> s.withModels(both))) {
      assertThat(server.get("/v1/models").body())
          .contains("\"id\":\"two\"")
          .contains("\"loaded\":false");
      for (String name : List.of("two", "one")) {
        JsonNode answer =
            server.answer(
                "/v1/completions", Json.object("model", name, "prompt", "x", "max_tokens", 1));
        assertThat(answer.get("model").stringValue()).isEqualTo(name);
      }
      assertThat(server.get("/v1/models").body()).doesNotContain("\"loaded\":false");
      assertThat(
              server
                  .post("/v1/completions", Json.object("model", "three", "prompt", "x"))
                  .statusCode())
          .isEqualTo(404);
    }
  }
}
