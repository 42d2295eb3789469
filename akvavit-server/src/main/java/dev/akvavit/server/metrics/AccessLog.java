package dev.akvavit.server.metrics;

import dev.akvavit.server.http.Json;
import dev.akvavit.server.http.Route;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One line of JSON for each request. It never holds prompts, answers or keys. */
public final class AccessLog {
  private static final Map<String, String> GEN_AI =
      Map.of(
          "model", GenAi.REQUEST_MODEL,
          "prompt_tokens", GenAi.INPUT_TOKENS,
          "cached_tokens", GenAi.CACHED_TOKENS,
          "completion_tokens", GenAi.OUTPUT_TOKENS);

  private final Consumer<String> lines;

  public AccessLog(Consumer<String> lines) {
    this.lines = lines;
  }

  /** A call was answered. */
  public void answered(
      Route route, int status, long nanos, String requestId, Map<String, Object> notes) {
    Map<String, @Nullable Object> line =
        Json.object(
            "time",
            Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(),
            "request_id",
            requestId,
            "method",
            route.method(),
            "path",
            route.path(),
            "status",
            status,
            "ms",
            nanos / 1_000_000);
    if (notes.containsKey("model")) {
      line.put(
          GenAi.OPERATION, route.path().equals("/v1/completions") ? "text_completion" : "chat");
    }
    notes.forEach((name, value) -> line.put(GEN_AI.getOrDefault(name, name), value));
    lines.accept(Json.text(line));
  }
}
