package dev.akvavit.server.dialects;

import dev.akvavit.engine.GenerationStats;
import dev.akvavit.server.http.Json;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code timings} member, named as llama.cpp's server names it. */
final class Timings {
  private Timings() {}

  static Map<String, @Nullable Object> of(GenerationStats stats) {
    int computed = stats.promptTokens() - stats.cachedTokens();
    int decoded = Math.max(stats.generatedTokens() - 1, 0); // the first comes with the prefill
    return Json.object(
        "queued_ms", millis(stats.queued()),
        "first_token_ms", millis(stats.firstToken()),
        "cache_n", stats.cachedTokens(),
        "prompt_n", computed,
        "prompt_ms", millis(stats.prefill()),
        "prompt_per_second", rate(computed, stats.prefill()),
        "predicted_n", stats.generatedTokens(),
        "predicted_ms", millis(stats.decode()),
        "predicted_per_second", rate(decoded, stats.decode()));
  }

  private static double millis(Duration duration) {
    return Math.round(duration.toNanos() / 1e3) / 1e3;
  }

  private static double rate(int tokens, Duration time) {
    return time.isZero() ? 0 : Math.round(tokens * 1e12 / time.toNanos()) / 1e3;
  }
}
