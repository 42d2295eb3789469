package dev.akvavit.server.http;

import dev.akvavit.engine.CacheScope;
import dev.akvavit.server.options.HttpLimits;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The port: binds the route table to Helidon and lets nobody past the {@link Guard}. A path without
 * a row in the table has no answer but 404.
 */
public final class HttpFront {
  private static final Pattern CLIENTS_ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");
  private static final Duration FAREWELL = Duration.ofSeconds(3);

  /**
   * Bytes that the system holds for a reader; left alone it takes megabytes for who never reads.
   */
  private static final int SENT_UNREAD = 256 << 10;

  private static final System.Logger LOG = System.getLogger(HttpFront.class.getName());

  private final Guard guard;
  private final List<Route> routes;
  private final HttpLimits limits;
  private final Observer observer;
  private final CallsUnderWay underWay = new CallsUnderWay();
  private final WebServer server;

  /** The connection that the current thread serves; a connection has one thread all its life. */
  private final ThreadLocal<ConnectionContext> connection = new ThreadLocal<>();

  /**
   * Binds the port and begins to answer.
   *
   * @param port 0 for any that is free
   * @throws UncheckedIOException when the port is taken, or the address is not this machine's
   */
  public HttpFront(
      String host,
      int port,
      HttpLimits limits,
      Guard guard,
      List<Route> routes,
      Observer observer) {
    this.guard = guard;
    this.routes = List.copyOf(routes);
    this.limits = limits;
    this.observer = observer;
    HelidonLog.quiet();
    requireFree(host, port);
    server =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofMillis(200))
            .useNio(false) // ClientWatch needs reads that time out
            .maxPayloadSize(limits.bodyBytes())
            .maxTcpConnections(limits.connections())
            .idleConnectionTimeout(limits.idle())
            .connectionOptions(
                new TimedSockets(
                    SocketOptions.builder()
                        .readTimeout(limits.silence())
                        .tcpNoDelay(true)
                        .socketSendBufferSize(SENT_UNREAD)
                        .build()))
            .addProtocol(
                Http1Config.builder()
                    .maxHeadersSize(limits.headerBytes())
                    .addReceiveListener(new ConnectionKeeper())
                    .build())
            .directHandlers(directHandlers())
            .routing(this::bind)
            .build()
            .start();
    if (!server.isRunning()) {
      requireFree(host, port);
      throw new IllegalStateException("cannot listen on " + host + ":" + port);
    }
  }

  /** Asked before Helidon, which logs a failure and returns as if nothing were wrong. */
  private static void requireFree(String host, int port) {
    try (ServerSocket tried = new ServerSocket()) {
      tried.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen on "
              + host
              + ":"
              + port
              + ": "
              + e.getMessage()
              + "; allowed: an address of this machine and a free port, 0 for any",
          e);
    }
  }

  /** The port that is bound. */
  public int port() {
    return server.port();
  }

  /** Every row that is bound, for the test that compares it with what answers. */
  public List<Route> routes() {
    return routes;
  }

  /** Lets answers under way get out, for a moment, then ends all connections. */
  public void close() {
    try {
      underWay.awaitNone(FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
  }

  private void bind(HttpRouting.Builder routing) {
    Set<String> paths = new TreeSet<>();
    for (Route route : routes) {
      paths.add(route.path());
      routing.route(
          Method.create(route.method()), route.path(), (req, res) -> serve(route, req, res));
    }
    for (String path : paths) {
      routing.any(path, (req, res) -> serve(otherMethod(path), req, res));
    }
    routing.any((req, res) -> serve(UNKNOWN, req, res));
  }

  private static final Route UNKNOWN =
      Route.get(
          "/*",
          call -> {
            throw ApiError.client(404, "unknown_path", null, "there is nothing under this path");
          });

  private Route otherMethod(String path) {
    String allowed =
        String.join(
            ", ", routes.stream().filter(r -> r.path().equals(path)).map(Route::method).toList());
    return Route.get(
        path,
        call -> {
          call.with("Allow", allowed);
          throw ApiError.client(
              405, "method_not_allowed", null, "this path answers to " + allowed + " only");
        });
  }

  private void serve(Route route, ServerRequest request, ServerResponse response) {
    long start = System.nanoTime();
    String id = requestId(request.headers());
    response.header(HeaderNames.create("X-Request-Id"), id);
    response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    ConnectionContext peer = Objects.requireNonNull(connection.get());
    ApiError refusal = null;
    CacheScope scope = CacheScope.SHARED;
    byte[] body = {};
    try {
      if (preflight(request, response)) {
        return;
      }
      scope = admit(route, request, response);
      body = body(request);
    } catch (ApiError e) {
      refusal = e;
    }
    boolean entityLeft = refusal != null && hasEntity(request.headers());
    ClientWatch watch = entityLeft ? ClientWatch.none(peer) : ClientWatch.begin(peer);
    underWay.begins();
    Call call = new Call(request, response, id, body, scope, watch);
    try {
      if (refusal != null) {
        throw refusal;
      }
      route.handler().handle(call);
    } catch (ApiError e) {
      failQuietly(call, e);
    } catch (ClientGone e) {
      call.note("error", "client_gone");
    } catch (Throwable e) { // Errors too: what gets past here counts as malformed HTTP
      LOG.log(System.Logger.Level.ERROR, "request " + id + " failed", e);
      failQuietly(call, ApiError.failed("internal_error", "an error of the server's own"));
    } finally {
      end(response, call);
      underWay.ends();
      observer.answered(route, call.status(), System.nanoTime() - start, id, call.notes());
    }
    if (watch.gone()) {
      throw new CloseConnectionException("the client has gone");
    }
    if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      watch.hangUp();
      return;
    }
    try {
      watch.answered();
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the server stops", e);
    }
  }

  /** Writes the last chunk of a stream, which Helidon would keep back until we return. */
  private static void end(ServerResponse response, Call call) {
    try {
      if (response instanceof RoutingResponse answer) {
        answer.commit();
      }
    } catch (RuntimeException gone) {
      call.note("error", "client_gone");
    }
  }

  private static void failQuietly(Call call, ApiError e) {
    try {
      call.fail(e);
    } catch (RuntimeException gone) {
      call.note("error", "client_gone");
    }
  }

  private CacheScope admit(Route route, ServerRequest request, ServerResponse response) {
    ServerRequestHeaders headers = request.headers();
    List<String> hosts = headers.values(HeaderNames.HOST);
    guard.requireHost(hosts);
    String origin = guard.requireOrigin(headers.values(HeaderNames.ORIGIN), hosts.getFirst());
    if (origin != null) {
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      response.header(HeaderNames.VARY, "Origin");
    }
    if (route.access() == Route.Access.OPEN) {
      return CacheScope.SHARED;
    }
    return guard.requireKey(
        headers.first(HeaderNames.AUTHORIZATION).orElse(null),
        headers.first(HeaderNames.create("x-api-key")).orElse(null));
  }

  /** A browser asks whether a listed page may call; it shows no key yet. */
  private boolean preflight(ServerRequest request, ServerResponse response) {
    ServerRequestHeaders headers = request.headers();
    if (!request.prologue().method().equals(Method.OPTIONS)
        || !headers.contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD)) {
      return false;
    }
    List<String> hosts = headers.values(HeaderNames.HOST);
    guard.requireHost(hosts);
    String origin = guard.requireOrigin(headers.values(HeaderNames.ORIGIN), hosts.getFirst());
    if (origin != null) {
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
      response.header(
          HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
          "authorization, content-type, x-api-key, x-request-id, anthropic-version");
      response.header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
      response.header(HeaderNames.VARY, "Origin");
    }
    response.status(Status.NO_CONTENT_204).send();
    return true;
  }

  private byte[] body(ServerRequest request) {
    if (!hasEntity(request.headers())) {
      return new byte[0];
    }
    try {
      byte[] body = request.content().inputStream().readNBytes(limits.bodyBytes() + 1);
      if (body.length > limits.bodyBytes()) {
        throw tooLarge();
      }
      return body;
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      throw ApiError.client(408, "body_too_slow", null, "body: it did not come to its end in time");
    }
  }

  private ApiError tooLarge() {
    return ApiError.client(
        413, "body_too_large", null, "body: allowed: up to " + limits.bodyBytes() + " bytes");
  }

  private static boolean hasEntity(ServerRequestHeaders headers) {
    return headers.contains(HeaderNames.TRANSFER_ENCODING) || headers.contentLength().orElse(0) > 0;
  }

  private static String requestId(ServerRequestHeaders headers) {
    String own = headers.first(HeaderNames.create("X-Request-Id")).orElse("");
    return CLIENTS_ID.matcher(own).matches()
        ? own
        : "req-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /**
   * What Helidon refuses before any route is found answers in the same shape, in our words. Routes
   * let nothing out, so what it takes for an error of the server's own (a request line that its
   * parser stumbles over) is the client's.
   */
  private DirectHandlers directHandlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(
          type,
          (request, event, status, headers, message) -> {
            String id = "req-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
            ApiError error =
                event == EventType.PAYLOAD_TOO_LARGE
                    ? tooLarge()
                    : ApiError.client(
                        event == EventType.INTERNAL_ERROR ? 400 : status.code(),
                        "malformed_http",
                        null,
                        "no valid HTTP/1.1 request");
            headers.set(HeaderNames.CONTENT_TYPE, "application/json");
            return DirectHandler.TransportResponse.builder()
                .status(Status.create(error.status()))
                .headers(headers)
                .keepAlive(false)
                .entity(Json.bytes(error.body(id)))
                .build();
          });
    }
    return handlers.build();
  }

  /** Hears of every call that was answered. */
  @FunctionalInterface
  public interface Observer {
    /**
     * A call is over.
     *
     * @param status as sent, or as it would have been sent had the client stayed
     * @param notes what handlers noted of it, such as model and tokens
     */
    void answered(Route route, int status, long nanos, String requestId, Map<String, Object> notes);
  }

  /** Tells the thread of a connection which connection it serves. */
  private final class ConnectionKeeper implements Http1ConnectionListener {
    @Override
    public void prologue(ConnectionContext context, @Nullable HttpPrologue prologue) {
      connection.set(context);
    }
  }
}
