package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names, origins and keys: who gets in, said by raw requests, as clients libraries mend theirs. */
class GuardTest {
  private static final String KEY = "a-key-of-this-test";
  private static final String APP = "https://app.example.org";

  private static TestServer open;
  private static TestServer locked;

  @BeforeAll
  static void start() {
    open = TestServer.start(s -> s.withNames(Set.of("llm.example.org"), Set.of(APP)));
    locked = TestServer.start(s -> s.withKeys(KEY, "another-key"));
  }

  @AfterAll
  static void stop() {
    open.close();
    locked.close();
  }

  /** Headers as they are sent, and whether they let a request in. */
  record Attempt(boolean passes, String... headers) {
    @Override
    public String toString() {
      return passes + " " + String.join(" | ", headers);
    }
  }

  static List<Attempt> attempts() {
    List<Attempt> all = new ArrayList<>();
    for (String good :
        List.of(
            "localhost",
            "LOCALHOST",
            "localhost:PORT",
            "localhost:1",
            "127.0.0.1",
            "127.0.0.1:PORT",
            "127.1.2.3",
            "[::1]",
            "[::1]:PORT",
            "llm.example.org",
            "LLM.example.org:443",
            "[0:0:0:0:0:0:0:1]")) {
      all.add(new Attempt(true, "Host: " + good));
    }
    for (String bad :
        List.of(
            "",
            "evil.example",
            "evil.example:PORT",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8080",
            "localhost.",
            "0.0.0.0",
            "0.0.0.0:PORT",
            "[::]",
            "10.0.0.1",
            "192.168.1.1:PORT",
            "8.8.8.8",
            "2130706433",
            "0x7f.0.0.1",
            "127.1",
            "127.0.0.256",
            "[::1",
            "::1",
            "[fe80::1%25eth0]",
            "localhost:",
            "localhost:x",
            "localhost:123456",
            ":8080",
            "localhost:80:80",
            "a@localhost",
            "localhost@evil.example",
            "localhost/",
            "llm.example.org.",
            "example.org",
            "xllm.example.org",
            "%6cocalhost",
            "local host",
            "http://localhost",
            "*",
            "null")) {
      all.add(new Attempt(false, "Host: " + bad));
    }
    all.add(new Attempt(false));
    all.add(new Attempt(false, "Host: localhost", "Host: localhost"));
    all.add(new Attempt(false, "Host: localhost", "Host: evil.example"));
    all.add(new Attempt(true, "Host: localhost:PORT", "Origin: http://localhost:PORT"));
    all.add(new Attempt(true, "Host: localhost:PORT", "Origin: " + APP));
    for (String origin :
        List.of(
            "null",
            "http://evil.example",
            "http://localhost",
            "http://localhost:1",
            "https://app.example.org.evil.example",
            "https://app.example.org:8443",
            "http://app.example.org",
            "file://",
            "",
            "http://127.0.0.1:PORT")) {
      all.add(new Attempt(false, "Host: localhost:PORT", "Origin: " + origin));
    }
    all.add(new Attempt(false, "Host: evil.example", "Origin: http://evil.example"));
    all.add(new Attempt(false, "Host: localhost:PORT", "Origin: " + APP, "Origin: " + APP));
    return all;
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void namesAndOriginsThatAStrangerMayOwnDoNotPass(Attempt attempt) throws IOException {
    StringBuilder request = new StringBuilder("GET /v1/models HTTP/1.1\r\n");
    for (String header : attempt.headers()) {
      request.append(header.replace("PORT", Integer.toString(open.port()))).append("\r\n");
    }
    String answer = raw(open.port(), request + "Connection: close\r\n\r\n");
    boolean passed = answer.startsWith("HTTP/1.1 200");
    assertThat(passed)
        .as(attempt + " -> " + answer.lines().findFirst().orElse(""))
        .isEqualTo(attempt.passes());
    if (!passed && answer.contains("\r\n\r\n")) {
      ErrorBodies.check(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }
  }

  @Test
  void atLeastSixtyAttempts() {
    assertThat(attempts()).hasSizeGreaterThanOrEqualTo(60);
  }

  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int status(String path, String... headers) {
    return locked.send(locked.request(path).headers(headers).GET().build()).statusCode();
  }

  @Test
  void aKeyOpensEveryRouteAndOnlyAKeyDoes() {
    for (var route : locked.server.routes()) {
      String path = route.path().replace("{model}", TestServer.MODEL);
      boolean isOpen = route.access() == dev.akvavit.server.http.Route.Access.OPEN;
      if (route.method().equals("GET")) {
        int without = locked.get(path).statusCode();
        assertThat(without).as(path).matches(code -> isOpen ? code != 401 : code == 401);
        assertThat(status(path, "Authorization", "Bearer " + KEY)).as(path).isNotEqualTo(401);
      } else {
        assertThat(locked.post(path, "{}").statusCode()).as(path).isEqualTo(401);
      }
    }
    assertThat(status("/v1/models", "x-api-key", KEY)).isEqualTo(200);
    assertThat(status("/v1/models", "Authorization", "Basic eDphLWtleS1vZi10aGlzLXRlc3Q="))
        .isEqualTo(200);
    for (String wrong :
        List.of("Bearer", "Bearer ", "Bearer " + KEY + "x", KEY, "Basic !!", "Basic ")) {
      assertThat(status("/v1/models", "Authorization", wrong)).as(wrong).isEqualTo(401);
    }
    assertThat(locked.get("/unknown").statusCode()).isEqualTo(401);
  }

  @Test
  void callersWithDifferentKeysShareNoPrefix() {
    String body = "{\"prompt\": \"%s\", \"max_tokens\": 1}".formatted("a long prefix ".repeat(20));
    assertThat(cached(body, KEY)).isZero();
    assertThat(cached(body, KEY)).isPositive();
    assertThat(cached(body, "another-key")).isZero();
    assertThat(cached(body, "another-key")).isPositive();
  }

  private static int cached(String body, String key) {
    HttpResponse<String> response =
        locked.send(
            locked
                .request("/v1/completions")
                .header("Authorization", "Bearer " + key)
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(body))
                .build());
    return dev.akvavit.server.http.Json.tree(response.body())
        .at("/usage/prompt_tokens_details/cached_tokens")
        .intValue();
  }
}
