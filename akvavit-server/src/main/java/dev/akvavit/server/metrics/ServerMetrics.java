package dev.akvavit.server.metrics;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelSummary;
import dev.akvavit.engine.EngineCounters;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.PageMap;
import dev.akvavit.engine.PageState;
import dev.akvavit.engine.RefusedException;
import dev.akvavit.server.answers.AnswerObserver;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Route;
import dev.akvavit.server.models.ModelShelf;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * The figures of {@code GET /metrics}. Times and counts of requests are recorded as they happen;
 * what engines count themselves is read when the page is asked for.
 */
public final class ServerMetrics implements AnswerObserver {
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25),
    Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500),
    Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10),
    Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(300)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ModelShelf shelf;
  private final boolean vllmNames;

  /**
   * @param vllmNames whether the most used figures also appear under vLLM's names, for routers and
   *     dashboards that know those
   */
  public ServerMetrics(ModelShelf shelf, boolean vllmNames) {
    this.shelf = shelf;
    this.vllmNames = vllmNames;
  }

  @Override
  public void ended(String model, FinishReason reason, GenerationStats stats) {
    Tags tags = Tags.of("model", model);
    Counter.builder("akvavit.answers")
        .description("Answers by how they ended")
        .tags(tags.and("reason", reason.name().toLowerCase(Locale.ROOT)))
        .register(registry)
        .increment();
    timer("akvavit.queue.time", "From submission to the first step", tags).record(stats.queued());
    if (stats.generatedTokens() > 0) {
      timer(GenAi.TIME_TO_FIRST_TOKEN, "From submission to the first token", tags)
          .record(stats.firstToken());
    }
    if (stats.generatedTokens() > 1) {
      timer(GenAi.TIME_PER_OUTPUT_TOKEN, "Between two tokens, mean of an answer", tags)
          .record(stats.decode().dividedBy(stats.generatedTokens() - 1));
    }
    timer(GenAi.REQUEST_DURATION, "From submission to the end", tags)
        .record(stats.firstToken().plus(stats.decode()));
  }

  /** A call was answered. */
  public void answered(Route route, int status, long nanos) {
    timer(
            "akvavit.http.requests",
            "Requests by path and status",
            Tags.of("path", route.path(), "status", Integer.toString(status)))
        .record(Duration.ofNanos(nanos));
  }

  private Timer timer(String name, String description, Tags tags) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  /** {@code GET /metrics}. */
  public void scrape(Call call) {
    PrometheusText text = new PrometheusText();
    shelf.eachOpen(lease -> describe(lease, text));
    String all = registry.scrape() + text.finished();
    call.send(
        200, "text/plain; version=0.0.4; charset=utf-8", all.getBytes(StandardCharsets.UTF_8));
  }

  private void describe(ModelShelf.Lease lease, PrometheusText to) {
    LanguageModel model = lease.model();
    EngineCounters c = model.engine().counters();
    String name = lease.name();
    int running = Math.max(0, c.admitted() - c.queuedRequests());
    double usage = pages(model, name, to);
    to.gauge("akvavit_requests_running", "Requests that are being computed", running, name);
    to.gauge(
        "akvavit_requests_waiting", "Requests before their first step", c.queuedRequests(), name);
    to.gauge("akvavit_tokens_waiting", "Prompt tokens of those that wait", c.queuedTokens(), name);
    to.counter("akvavit_steps_total", "Passes through the model", c.steps(), name);
    to.counter("akvavit_failed_steps_total", "Passes that failed", c.failedSteps(), name);
    to.counter("akvavit_computed_tokens_total", "Tokens computed", c.computedTokens(), name);
    to.counter("akvavit_generated_tokens_total", "Tokens delivered", c.generatedTokens(), name);
    to.counter(
        "akvavit_prefix_cache_hit_tokens_total",
        "Prompt tokens found cached",
        c.cachedTokens(),
        name);
    to.counter("akvavit_preemptions_total", "Sequences computed again", c.preemptions(), name);
    to.counter(
        "akvavit_integrity_failures_total", "Leaks found while idle", c.integrityFailures(), name);
    to.gauge("akvavit_weight_bytes", "Weights, mapped", model.weights().bytes(), name);
    to.gauge("akvavit_kv_cache_bytes", "The KV cache as allocated", model.cacheBytes(), name);
    mechanisms(model, name, to);
    experts(model, name, to);
    if (vllmNames) {
      to.gauge("vllm:num_requests_running", "", running, name);
      to.gauge("vllm:num_requests_waiting", "", c.queuedRequests(), name);
      to.gauge("vllm:kv_cache_usage_perc", "", usage, name);
      to.gauge("vllm:gpu_cache_usage_perc", "", usage, name);
      to.counter("vllm:prompt_tokens_total", "", promptTokens(c), name);
      to.counter("vllm:generation_tokens_total", "", c.generatedTokens(), name);
      to.counter("vllm:prefix_cache_hits_total", "", c.cachedTokens(), name);
      to.counter("vllm:num_preemptions_total", "", c.preemptions(), name);
      to.copied(registry.scrape(), GenAi.TIME_TO_FIRST_TOKEN, "vllm:time_to_first_token_seconds");
      to.copied(
          registry.scrape(), GenAi.TIME_PER_OUTPUT_TOKEN, "vllm:time_per_output_token_seconds");
    }
  }

  /**
   * Tokens computed or found that were not generated; each generated one but the last is computed.
   */
  private static long promptTokens(EngineCounters c) {
    return Math.max(0, c.computedTokens() - c.generatedTokens()) + c.cachedTokens();
  }

  private static double pages(LanguageModel model, String name, PrometheusText to) {
    try {
      PageMap map = model.engine().pageMap(Long.MAX_VALUE);
      int used = map.count(PageState.USED) + map.count(PageState.SHARED);
      double usage = (double) used / map.states().size();
      to.gauge("akvavit_kv_cache_usage_ratio", "Pages that requests hold, of all", usage, name);
      for (PageState state : PageState.values()) {
        to.gauge(
            "akvavit_kv_cache_pages",
            "Pages of the KV cache by what they are good for",
            map.count(state),
            name,
            "state",
            state.name().toLowerCase(Locale.ROOT));
      }
      to.counter(
          "akvavit_kv_cache_evictions_total", "Cached pages given away", map.evictions(), name);
      return usage;
    } catch (RefusedException e) {
      return 0; // it is closing
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static void mechanisms(LanguageModel model, String name, PrometheusText to) {
    ModelSummary summary = model.summary();
    for (ModelSummary.Plane plane : summary.planes()) {
      to.gauge(
          "akvavit_kv_bytes_per_token",
          "Bytes of the KV cache a token takes over all layers, by kind of row",
          plane.bytesPerToken(),
          name,
          "plane",
          plane.name() + " " + plane.shape());
    }
    for (ModelSummary.Layers layers : summary.layers()) {
      to.gauge(
          "akvavit_layers",
          "Layers by their attention and feed-forward",
          layers.count(),
          name,
          "attention",
          layers.attention(),
          "feed_forward",
          layers.feedForward(),
          "first",
          Integer.toString(layers.first()));
    }
  }

  private static void experts(LanguageModel model, String name, PrometheusText to) {
    long[][] load = model.expertLoad();
    for (int layer = 0; layer < load.length; layer++) {
      for (int expert = 0; expert < load[layer].length; expert++) {
        to.counter(
            "akvavit_expert_tokens_total",
            "Tokens that each routed expert has served",
            load[layer][expert],
            name,
            "layer",
            Integer.toString(layer),
            "expert",
            Integer.toString(expert));
      }
    }
  }
}
