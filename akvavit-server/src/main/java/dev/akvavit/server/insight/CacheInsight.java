package dev.akvavit.server.insight;

import dev.akvavit.LanguageModel;
import dev.akvavit.engine.EngineCounters;
import dev.akvavit.engine.PageMap;
import dev.akvavit.engine.PageState;
import dev.akvavit.engine.RefusedException;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.models.ModelShelf;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /akvavit/cache}: the pages of the KV cache between two steps, and bytes by plane. */
final class CacheInsight {
  /** Pages of one answer at most. */
  static final int WINDOW = 4096;

  private final ModelShelf shelf;

  CacheInsight(ModelShelf shelf) {
    this.shelf = shelf;
  }

  void look(Call call) throws InterruptedException {
    long seen = Query.whole(call, "evictions_seen", 0, Long.MAX_VALUE, Long.MAX_VALUE);
    try (ModelShelf.Lease lease = shelf.use(Query.given(call, "model"))) {
      LanguageModel model = lease.model();
      int pages = model.engine().limits().pages();
      int first = (int) Query.whole(call, "first", 0, pages - 1, 0);
      int count = (int) Query.whole(call, "count", 1, WINDOW, WINDOW);
      PageMap map = model.engine().pageMap(seen);
      call.answer(json(lease, map, first, Math.min(pages, first + count)));
    } catch (RefusedException e) {
      throw ApiError.later(503, "busy", String.valueOf(e.getMessage()), 1);
    }
  }

  private static Map<String, @Nullable Object> json(
      ModelShelf.Lease lease, PageMap map, int first, int end) {
    LanguageModel model = lease.model();
    EngineCounters counters = model.engine().counters();
    return Json.object(
        "model", lease.name(),
        "page_size", map.pageSize(),
        "pages", map.states().size(),
        "first", first,
        "states", signs(map.states().subList(first, end)),
        "counts", counts(map),
        "evictions", map.evictions(),
        "evicted",
            map.evicted().stream()
                .filter(page -> page >= first && page < end)
                .map(page -> page - first)
                .toList(),
        "running", counters.admitted() - counters.queuedRequests(),
        "waiting", counters.queuedRequests(),
        "steps", counters.steps(),
        "computed_tokens", counters.computedTokens(),
        "generated_tokens", counters.generatedTokens(),
        "cached_tokens", counters.cachedTokens(),
        "preemptions", counters.preemptions(),
        "kv_bytes_per_token", model.summary().kvBytesPerToken(),
        "bytes", model.cacheBytes(),
        "planes", planes(model, (long) map.states().size() * map.pageSize()));
  }

  /** A character a page, for there may be thousands. */
  private static String signs(List<PageState> states) {
    StringBuilder signs = new StringBuilder(states.size());
    for (PageState state : states) {
      signs.append(
          switch (state) {
            case FREE -> '.';
            case KEPT -> 'k';
            case USED -> 'u';
            case SHARED -> 's';
          });
    }
    return signs.toString();
  }

  private static Map<String, @Nullable Object> counts(PageMap map) {
    Map<String, @Nullable Object> counts = Json.object();
    for (PageState state : PageState.values()) {
      counts.put(state.name().toLowerCase(Locale.ROOT), map.count(state));
    }
    return counts;
  }

  private static List<Map<String, @Nullable Object>> planes(LanguageModel model, long slots) {
    return model.summary().planes().stream()
        .map(plane ->
            Json.object(
                "name", plane.name(),
                "shape", plane.shape(),
                "dtype", plane.dtype().name(),
                "bytes_per_token", plane.bytesPerToken(),
                "bytes", plane.bytesPerToken() * slots))
        .collect(Collectors.toList());
  }
}
