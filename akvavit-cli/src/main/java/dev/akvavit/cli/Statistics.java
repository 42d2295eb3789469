package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.engine.GenerationStats;
import java.time.Duration;
import java.util.Locale;

/** The one line after each answer: what it cost. */
final class Statistics {
  private Statistics() {}

  static String line(GenerationStats stats, LanguageModel model) {
    long tokens = (long) stats.promptTokens() + stats.generatedTokens();
    long bytes = tokens * model.config().kvBytesPerToken(model.options().cacheTypes());
    int computed = stats.promptTokens() - stats.cachedTokens();
    return String.format(
        Locale.ROOT,
        "prefill %d tokens, %s tok/s · decode %d tokens, %s tok/s · first token %.2f s · cached %d"
            + " · KV %.1f MiB",
        computed,
        rate(computed, stats.prefill()),
        stats.generatedTokens(),
        rate(stats.generatedTokens() - 1, stats.decode()),
        seconds(stats.firstToken()),
        stats.cachedTokens(),
        bytes / (double) (1 << 20));
  }

  /** A rate with three digits that matter, or a dash where nothing was measured. */
  static String rate(long tokens, Duration time) {
    if (tokens <= 0 || time.isZero()) {
      return "–";
    }
    double perSecond = tokens / seconds(time);
    return String.format(Locale.ROOT, perSecond < 100 ? "%.1f" : "%.0f", perSecond);
  }

  static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
