package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.http.Json;
import dev.akvavit.server.options.HttpLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Raw messages that are no HTTP, or hardly: none is answered 5xx, none keeps the server busy. */
class MalformedHttpFuzz {
  private static final int MESSAGES = Integer.getInteger("akvavit.fuzz.http", 500);
  private static final String BODY = "{\"prompt\":\"a\",\"max_tokens\":1}";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server =
        TestServer.start(s ->
            s.withLimits(
                new HttpLimits(
                    16 << 10,
                    1 << 20,
                    200,
                    Duration.ofMillis(400),
                    Duration.ofSeconds(5),
                    64 << 10)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String valid() {
    return "POST /v1/completions HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(server.port(), BODY.length(), BODY);
  }

  private static String canary() {
    return server
        .answer(
            "/v1/completions", Json.object("prompt", "canary", "max_tokens", 8, "temperature", 0))
        .at("/choices/0/text")
        .stringValue();
  }

  /** What comes back until the server closes or says no more. */
  private static String exchange(byte[] message) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(message);
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer and no end: " + show(message), e);
    } catch (IOException e) {
      return ""; // reset: an answer of its own
    }
  }

  private static String show(byte[] message) {
    String text = new String(message, StandardCharsets.ISO_8859_1);
    return Json.text(text.substring(0, Math.min(300, text.length())));
  }

  private static void check(byte[] message) throws IOException {
    String answer = exchange(message);
    if (!answer.isEmpty()) {
      int status = Integer.parseInt(answer.substring(9, 12));
      assertThat(status)
          .as(show(message) + " -> " + answer)
          .matches(s -> s < 500 || s == 505 || s == 501);
    }
  }

  @Test
  void handmade() throws IOException {
    String host = "Host: localhost\r\n";
    for (String message :
        List.of(
            "\r\n\r\n",
            "GET\r\n\r\n",
            "GET / HTTP/9.9\r\n" + host + "\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET  / HTTP/1.1\r\n" + host + "\r\n",
            "G\u0000T / HTTP/1.1\r\n" + host + "\r\n",
            "GET /%00 HTTP/1.1\r\n" + host + "\r\n",
            "GET /%zz HTTP/1.1\r\n" + host + "\r\n",
            "GET /../../etc/passwd HTTP/1.1\r\n" + host + "\r\n",
            "GET //etc/passwd HTTP/1.1\r\n" + host + "\r\n",
            "GET /page/..%2f..%2fx HTTP/1.1\r\n" + host + "\r\n",
            "GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n",
            "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n" + host + "\r\n",
            "GET / HTTP/1.1\r\n" + host + "X: " + "a".repeat(40_000) + "\r\n\r\n",
            "GET / HTTP/1.1\r\n" + host + "X: y\r\n".repeat(5_000) + "\r\n",
            "GET / HTTP/1.1\r\n" + host + "Bad Header: x\r\n\r\n",
            "GET / HTTP/1.1\r\n" + host + ": x\r\n\r\n",
            "GET / HTTP/1.1\n" + host + "\n",
            "GET / HTTP/1.1\r\n" + host + "A\u0000: b\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Content-Length: 99999999999999999999\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n" + host + "Content-Length: 9000000\r\n\r\nx",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "POST /v1/completions HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\n"
                + host
                + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
            "CONNECT evil.example:443 HTTP/1.1\r\n" + host + "\r\n",
            "TRACE / HTTP/1.1\r\n" + host + "\r\n",
            "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
            valid().repeat(3),
            valid() + "garbage")) {
      check(message.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void mutated() throws IOException {
    String before = canary();
    long seed = Long.getLong("akvavit.fuzz.seed", 20261122);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = valid().getBytes(StandardCharsets.ISO_8859_1);
      int changes = 1 + random.nextInt(4);
      for (int k = 0; k < changes; k++) {
        int at = random.nextInt(message.length);
        switch (random.nextInt(4)) {
          case 0 -> message[at] = (byte) random.nextInt(256);
          case 1 -> message = java.util.Arrays.copyOf(message, at + 1);
          case 2 -> {
            int to = random.nextInt(message.length);
            byte b = message[at];
            message[at] = message[to];
            message[to] = b;
          }
          default ->
              message[at] =
                  "\r\n :{}\"\u0000".getBytes(StandardCharsets.ISO_8859_1)[random.nextInt(8)];
        }
      }
      try {
        check(message);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", message " + i, e);
      }
    }
    assertThat(canary()).isEqualTo(before);
    assertThat(server.heldPages()).isZero();
  }

  /** The client is silent while its answer is made, for far longer than a sender may pause. */
  @Test
  void whoWaitsForAnAnswerIsNotTakenForGone() {
    for (boolean stream : new boolean[] {false, true}) {
      String body =
          Json.text(
              Json.object(
                  "prompt",
                  "a",
                  "max_tokens",
                  1000,
                  "n",
                  8,
                  "stream",
                  stream,
                  "logit_bias",
                  Json.object(Integer.toString(TinyChatModel.END), -100)));
      String answer = server.post("/v1/completions", body).body();
      assertThat(answer)
          .containsPattern(stream ? "data: \\[DONE\\]" : "\"completion_tokens\":8000");
    }
  }

  @Test
  void aSenderThatPausesTooLongIsLetGo() throws IOException {
    for (int cut : new int[] {3, 40, valid().length() - 5}) {
      try (Socket socket = new Socket("127.0.0.1", server.port())) {
        socket.setSoTimeout(20_000);
        socket
            .getOutputStream()
            .write(valid().substring(0, cut).getBytes(StandardCharsets.ISO_8859_1));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).doesNotStartWith("HTTP/1.1 200");
      }
    }
  }
}
