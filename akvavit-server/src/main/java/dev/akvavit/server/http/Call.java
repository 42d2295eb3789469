package dev.akvavit.server.http;

import dev.akvavit.engine.CacheScope;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One request and the way to answer it, once. */
public final class Call {
  private static final HeaderName RETRY_AFTER = HeaderNames.RETRY_AFTER;

  private final ServerRequest request;
  private final ServerResponse response;
  private final String requestId;
  private final byte[] body;
  private final CacheScope scope;
  private final ClientWatch watch;
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final Instant received = Instant.now();
  private boolean streaming;

  Call(
      ServerRequest request,
      ServerResponse response,
      String requestId,
      byte[] body,
      CacheScope scope,
      ClientWatch watch) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.body = body;
    this.scope = scope;
    this.watch = watch;
  }

  /** The client's own id of the request, or one made for it; every answer names it. */
  public String requestId() {
    return requestId;
  }

  /** When the request came, in seconds since 1970. */
  public long epochSeconds() {
    return received.getEpochSecond();
  }

  /** Who shares cached prefixes with this caller: those with the same key. */
  public CacheScope scope() {
    return scope;
  }

  /**
   * The body, which must be a JSON object.
   *
   * @throws ApiError when it is none
   */
  public JsonNode json() {
    return Json.read(body);
  }

  /** A parameter of the query, or null. */
  public @Nullable String query(String name) {
    return request.query().first(name).orElse(null);
  }

  /** The last segment of the path. */
  public String pathEnd() {
    String path = request.path().path();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A header of the request, or null. */
  public @Nullable String header(String name) {
    return request.headers().first(HeaderNames.create(name)).orElse(null);
  }

  /** Adds a member to this request's line in the access log. */
  public void note(String fact, Object value) {
    facts.put(fact, value);
  }

  Map<String, Object> notes() {
    return facts;
  }

  /** What to do when the client goes before the answer is out. */
  public void whenClientGoes(Runnable action) {
    watch.whenGone(action);
  }

  /** Answers with an object. */
  public void answer(Object json) {
    send(200, "application/json", Json.bytes(json));
  }

  /** Answers with bytes of any type. */
  public void send(int status, String contentType, byte[] bytes) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    watch.writing();
    try {
      response.send(bytes);
    } catch (CloseConnectionException e) {
      throw new ClientGone(); // known here before the watch has seen it
    } catch (RuntimeException e) {
      if (watch.gone()) {
        throw new ClientGone();
      }
      throw e;
    } finally {
      watch.writing();
    }
  }

  /** Sets a header of the answer. */
  public Call with(String header, String value) {
    response.header(HeaderNames.create(header), value);
    return this;
  }

  /**
   * Answers with a stream of events. An {@link ApiError} after the first event becomes the last
   * one.
   */
  public void events(Consumer<EventStream> writer) {
    response.status(Status.OK_200);
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    response.header(HeaderNames.create("X-Accel-Buffering"), "no");
    EventStream events = new EventStream(response.outputStream(), watch);
    streaming = true;
    try {
      writer.accept(events);
    } catch (ApiError e) {
      note("error", e.code());
      events.error(body(e));
    }
    events.close();
  }

  /** Answers with an error, unless a stream has begun. */
  void fail(ApiError e) {
    note("error", e.code());
    if (streaming) {
      return;
    }
    if (e.retryAfterSeconds() > 0) {
      response.header(RETRY_AFTER, Integer.toString(e.retryAfterSeconds()));
    }
    if (e.status() == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, challenge());
    }
    send(e.status(), "application/json", Json.bytes(body(e)));
  }

  /** Anthropic's clients look for a type beside the error; OpenAI's do not mind it. */
  private Map<String, @Nullable Object> body(ApiError e) {
    Map<String, @Nullable Object> body = Json.object("type", "error");
    body.putAll(e.body(requestId));
    return body;
  }

  /** Browsers that open a page are let ask for the key; programs are not disturbed. */
  private String challenge() {
    String accept = header("Accept");
    return accept != null && accept.contains("text/html")
        ? "Basic realm=\"akvavit: any name, the API key as password\", charset=\"UTF-8\""
        : "Bearer";
  }

  int status() {
    return response.status().code();
  }
}
