package dev.akvavit.server;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.answers.Asker;
import dev.akvavit.server.answers.Quarantine;
import dev.akvavit.server.dialects.AnthropicMessages;
import dev.akvavit.server.dialects.ModelList;
import dev.akvavit.server.dialects.OpenAiChat;
import dev.akvavit.server.dialects.OpenAiCompletions;
import dev.akvavit.server.dialects.OpenAiResponses;
import dev.akvavit.server.dialects.Service;
import dev.akvavit.server.dialects.SlotList;
import dev.akvavit.server.dialects.TokenTools;
import dev.akvavit.server.http.Guard;
import dev.akvavit.server.http.HttpFront;
import dev.akvavit.server.http.Route;
import dev.akvavit.server.insight.InsightRoutes;
import dev.akvavit.server.metrics.AccessLog;
import dev.akvavit.server.metrics.Health;
import dev.akvavit.server.metrics.ServerMetrics;
import dev.akvavit.server.models.ModelShelf;
import dev.akvavit.server.options.ServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Models behind a port.
 *
 * <pre>{@code
 * try (AkvavitServer server = AkvavitServer.start(ServerOptions.of(models))) {
 *   System.err.println("http://127.0.0.1:" + server.port());
 *   Thread.sleep(Duration.ofHours(1));
 * }
 * }</pre>
 */
public final class AkvavitServer implements AutoCloseable {
  private static final Duration QUARANTINE = Duration.ofMinutes(10);

  private final ServerOptions options;
  private final ModelShelf shelf;
  private final Health health;
  private final HttpFront front;

  private AkvavitServer(ServerOptions options) {
    this.options = options;
    shelf = new ModelShelf(options.models(), options.memory(), options.log());
    health = new Health(shelf, System::nanoTime);
    ServerMetrics metrics = new ServerMetrics(shelf, options.vllmMetrics());
    Asker asker =
        new Asker(
            options.heartbeat(),
            options.deadline(),
            options.limits().unread(),
            new Quarantine(QUARANTINE, System::nanoTime),
            (model, reason, stats) -> {
              metrics.ended(model, reason, stats);
              health.failedStepsOfLate();
            });
    AccessLog log = new AccessLog(options.accessLog());
    front =
        new HttpFront(
            options.host(),
            options.port(),
            options.limits(),
            new Guard(
                options.loopbackOnly(),
                options.hostNames(),
                options.corsOrigins(),
                options.apiKeys()),
            routes(new Service(shelf, asker), metrics),
            (route, status, nanos, id, notes) -> {
              metrics.answered(route, status, nanos);
              log.answered(route, status, nanos, id, notes);
            });
  }

  /**
   * Binds the port, then opens the first model; until that is done {@code /health/ready} says so.
   *
   * @throws RuntimeException when the port is taken or the model cannot be opened
   */
  public static AkvavitServer start(ServerOptions options) {
    AkvavitServer server = new AkvavitServer(options);
    try {
      server.shelf.use(null).close();
      server.health.loaded();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The route table: what is not here has no answer. */
  private List<Route> routes(Service service, ServerMetrics metrics) {
    ModelList models = new ModelList(shelf);
    AnthropicMessages messages = new AnthropicMessages(service);
    TokenTools tokens = new TokenTools(service);
    List<Route> routes =
        new ArrayList<>(
            List.of(
                Route.get("/health/live", health::live).open(),
                Route.get("/health/ready", health::ready),
                Route.get("/metrics", metrics::scrape),
                Route.get("/v1/models", models::all),
                Route.get("/v1/models/{model}", models::one),
                Route.post("/v1/completions", new OpenAiCompletions(service)::handle),
                Route.post("/v1/chat/completions", new OpenAiChat(service)::handle),
                Route.post("/v1/responses", new OpenAiResponses(service)::handle),
                Route.post("/v1/messages", messages::handle),
                Route.post("/v1/messages/count_tokens", messages::count),
                Route.post("/tokenize", tokens::tokenize),
                Route.post("/detokenize", tokens::detokenize),
                Route.post("/apply-template", tokens::applyTemplate),
                Route.get("/slots", new SlotList(shelf)::all)));
    routes.addAll(InsightRoutes.of(shelf));
    routes.addAll(PageFiles.routes());
    return List.copyOf(routes);
  }

  /** The port that is bound. */
  public int port() {
    return front.port();
  }

  /** The rows that are bound. */
  List<Route> routes() {
    return front.routes();
  }

  /** Lets {@code reader} look at the first model. */
  public void describe(Consumer<LanguageModel> reader) {
    try (ModelShelf.Lease lease = shelf.use(null)) {
      reader.accept(lease.model());
    }
  }

  /**
   * Takes no more work and waits for what runs, at most as long as the options say; whether all
   * came to its end. Health and metrics go on to answer.
   */
  public boolean drain() throws InterruptedException {
    health.drains();
    long end = System.nanoTime() + options.drain().toNanos();
    boolean[] all = {true};
    InterruptedException[] interrupted = {null};
    shelf.eachOpen(lease -> {
      try {
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        all[0] &= lease.model().engine().drain(left);
      } catch (InterruptedException e) {
        interrupted[0] = e;
      }
    });
    if (interrupted[0] != null) {
      throw interrupted[0];
    }
    return all[0];
  }

  /** Ends what still runs, each stream with an error event, then the port. */
  @Override
  public void close() {
    shelf.close();
    front.close();
  }
}
