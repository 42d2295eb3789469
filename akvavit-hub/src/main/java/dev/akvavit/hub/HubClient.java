package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Asks the hub, and follows it to where the bytes are. The token goes to the endpoint's own origin
 * and to nobody else, whatever a redirect says; what an answer claims about a file is believed from
 * that origin only.
 */
final class HubClient implements AutoCloseable {
  private static final int MAX_REDIRECTS = 8;
  private static final Duration CONNECT = Duration.ofSeconds(15);

  private final HubSettings settings;
  private final Duration stall;
  private final HttpClient http;

  HubClient(HubSettings settings, Duration stall) {
    this.settings = settings;
    this.stall = stall;
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // lanes are connections of their own
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .proxy(settings.proxies())
            .build();
  }

  /**
   * An answer whose body is still coming.
   *
   * @param fromHub whether the endpoint itself answered
   * @param linkedDigest of the file, as the endpoint told it on the way; empty when it did not
   * @param linkedSize likewise, or -1
   */
  record Reply(
      int status,
      HttpHeaders headers,
      Body body,
      boolean fromHub,
      String linkedDigest,
      long linkedSize)
      implements AutoCloseable {

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    @Override
    public void close() {
      body.close();
    }
  }

  /** Address of something below the endpoint. */
  URI at(String path) {
    return URI.create(settings.endpoint() + path);
  }

  /**
   * One request, all redirects included.
   *
   * @throws IOException when it may pass another time
   */
  Reply get(URI uri, Map<String, String> headers) throws IOException {
    URI at = uri;
    String digest = "";
    long size = -1;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      boolean fromHub = sameOrigin(at, settings.endpoint());
      HttpResponse<InputStream> response = send(at, headers, fromHub);
      HttpHeaders told = response.headers();
      if (fromHub) {
        digest = told.firstValue("X-Linked-Etag").map(HubClient::unquoted).orElse(digest);
        size = told.firstValueAsLong("X-Linked-Size").orElse(size);
      }
      if (!isRedirect(response.statusCode())) {
        Body body = new Body(response.body(), stall);
        return new Reply(response.statusCode(), told, body, fromHub, digest, size);
      }
      response.body().close();
      at = next(at, told.firstValue("Location").orElse(""));
    }
    throw new HubException(
        Reason.BROKEN_ANSWER,
        uri.getPath() + ": found more than " + MAX_REDIRECTS + " redirects, one after another");
  }

  private HttpResponse<InputStream> send(URI at, Map<String, String> headers, boolean toHub)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at)
            .timeout(stall)
            .header("User-Agent", "akvavit")
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (toHub && settings.token().isPresent()) {
      request.header("Authorization", "Bearer " + settings.token().secret());
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw HubException.interrupted();
    }
  }

  private static boolean isRedirect(int status) {
    return status >= 301 && status <= 303 || status == 307 || status == 308;
  }

  private static URI next(URI from, String location) {
    try {
      URI to = from.resolve(location);
      String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
      boolean secure = scheme.equals("https");
      boolean lost = "https".equalsIgnoreCase(from.getScheme()) && !secure;
      if (!location.isEmpty()
          && (secure || scheme.equals("http"))
          && !lost
          && to.getHost() != null
          && to.getRawUserInfo() == null) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // told below with all other addresses that are not followed
    }
    throw new HubException(
        Reason.BROKEN_ANSWER,
        from.getPath()
            + ": found a redirect to "
            + FileNames.shown(location.replaceAll("[?].*", "?…"))
            + ", allowed: http(s) without a password, and from https only to https");
  }

  private static boolean sameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** {@code W/"abc"} and {@code "abc"} name {@code abc}. */
  private static String unquoted(String etag) {
    return etag.replaceFirst("^W/", "").replace("\"", "");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
