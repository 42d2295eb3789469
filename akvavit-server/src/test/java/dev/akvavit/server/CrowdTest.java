package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.ModelOptions;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.options.HttpLimits;
import dev.akvavit.server.options.ModelSource;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Many at once get what each gets alone. Figures are printed; they are judged where {@code
 * -Dakvavit.crowd.judge=true} says that the machine is idle.
 */
class CrowdTest {
  private static final int CLIENTS = Integer.getInteger("akvavit.crowd.clients", 64);
  private static final int SECONDS = Integer.getInteger("akvavit.crowd.seconds", 60);
  private static final int SLOTS = Integer.getInteger("akvavit.crowd.slots", 64);
  private static final boolean JUDGE = Boolean.getBoolean("akvavit.crowd.judge");
  private static final int TOKENS = 24;

  private static TestServer crowded(int slots, int queue) {
    return TestServer.start(
        s -> s.withOptions(o -> o.withMaxSequences(slots).withMaxQueuedRequests(queue)));
  }

  /** The model that ships: steps of a tiny one are shorter than a thread's turn on a busy core. */
  private static TestServer crowdedDefaultModel(int slots) {
    ModelOptions options =
        ModelOptions.DEFAULT
            .withContext(1024)
            .withCacheTokens(slots * 256)
            .withMaxSequences(slots)
            .withMaxQueuedRequests(2 * CLIENTS);
    return TestServer.start(
        s -> s.withModels(new ModelSource(TestServer.MODEL, DefaultModel.folder(), options)));
  }

  private static Map<String, Object> body(String prompt, Object... more) {
    Map<String, Object> body =
        Json.object("prompt", prompt, "max_tokens", TOKENS, "temperature", 0);
    body.putAll(Json.object(more));
    return body;
  }

  private static String alone(TestServer server, String prompt) {
    return server.answer("/v1/completions", body(prompt)).at("/choices/0/text").stringValue();
  }

  /** One streamed answer's text; the times between its events go to {@code gaps}. */
  private static String stream(TestServer server, String prompt, ConcurrentLinkedQueue<Long> gaps)
      throws Exception {
    HttpResponse<Stream<String>> response =
        server.client.send(
            server
                .request("/v1/completions")
                .POST(BodyPublishers.ofString(Json.text(body(prompt, "stream", true))))
                .build(),
            BodyHandlers.ofLines());
    assertThat(response.statusCode()).isEqualTo(200);
    StringBuilder text = new StringBuilder();
    boolean[] done = {false};
    long[] last = {0};
    try (Stream<String> lines = response.body()) {
      lines
          .filter(line -> line.startsWith("data: "))
          .forEach(line -> {
            long now = System.nanoTime();
            if (last[0] != 0) {
              gaps.add(now - last[0]);
            }
            last[0] = now;
            if (line.equals("data: [DONE]")) {
              done[0] = true;
            } else {
              text.append(Json.tree(line.substring(6)).at("/choices/0/text").asString(""));
            }
          });
    }
    assertThat(done[0]).as("a stream ended without [DONE]").isTrue();
    return text.toString();
  }

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = tasks.stream().map(threads::submit).toList();
      List<T> results = new ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get());
      }
      return results;
    }
  }

  @Test
  void streamingClientsGetWhatEachGetsAlone() throws Exception {
    try (TestServer server = crowdedDefaultModel(SLOTS)) {
      List<String> prompts = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        prompts.add("class C" + i + " {" + " ".repeat(i % 5));
      }
      Map<String, String> expected = new ConcurrentHashMap<>();
      prompts.forEach(prompt -> expected.put(prompt, alone(server, prompt)));
      ConcurrentLinkedQueue<Long> gaps = new ConcurrentLinkedQueue<>();
      AtomicInteger answers = new AtomicInteger();
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int first = i;
        clients.add(() -> {
          int k = first;
          do {
            String prompt = prompts.get(k++ % prompts.size());
            assertThat(stream(server, prompt, gaps)).isEqualTo(expected.get(prompt));
            answers.incrementAndGet();
          } while (System.nanoTime() < end);
          return null;
        });
      }
      together(clients);
      long[] sorted = gaps.stream().mapToLong(g -> g).sorted().toArray();
      double median = sorted[sorted.length / 2] / 1e6;
      double p99 = sorted[sorted.length * 99 / 100] / 1e6;
      System.err.printf(
          "%d clients, %d s: %d answers, gap median %.1f ms, p99 %.1f ms%n",
          CLIENTS, SECONDS, answers.get(), median, p99);
      assertThat(answers.get()).isGreaterThanOrEqualTo(CLIENTS);
      assertThat(server.heldPages()).isZero();
      if (JUDGE) {
        assertThat(p99).isLessThanOrEqualTo(5 * median);
      }
    }
  }

  @Test
  void aThousandGreedyCompletionsAreOneText() throws Exception {
    try (TestServer server = crowded(16, 1024)) {
      List<Callable<String>> clients = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        clients.add(() -> alone(server, "the same prompt for all"));
      }
      assertThat(Set.copyOf(together(clients))).hasSize(1);
    }
  }

  @Test
  void clientsThatGoLeaveNoPageBehind() throws Exception {
    long seed = Long.getLong("akvavit.crowd.seed", 20261122);
    int requests = Integer.getInteger("akvavit.crowd.disconnects", 300);
    try (TestServer server = crowded(16, 1024)) {
      String expected = alone(server, "who stays");
      SplittableRandom random = new SplittableRandom(seed);
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        int bytes = random.nextInt(3000);
        boolean goes = random.nextInt(10) < 3;
        boolean streams = random.nextBoolean();
        clients.add(() -> {
          if (goes) {
            leaveAfter(server, bytes, streams);
          } else {
            assertThat(alone(server, "who stays")).isEqualTo(expected);
          }
          return null;
        });
      }
      together(clients);
      awaitIdle(server);
      assertThat(server.heldPages()).as("seed " + seed).isZero();
      assertThat(alone(server, "who stays")).isEqualTo(expected);
    }
  }

  /** Sends a long request, reads so many bytes of what comes at once, and hangs up. */
  private static void leaveAfter(TestServer server, int bytes, boolean streams) throws Exception {
    String body = Json.text(body("who goes", "max_tokens", 900, "stream", streams));
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.getOutputStream().write(http(server, body));
      if (streams) {
        InputStream in = socket.getInputStream();
        in.readNBytes(bytes);
      }
    }
  }

  private static byte[] http(TestServer server, String body) {
    return "POST /v1/completions HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(server.port(), body.length(), body)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Waits until nothing runs; a request that nobody cancels would hold this for long. */
  private static void awaitIdle(TestServer server) throws InterruptedException {
    boolean[] idle = {false};
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!idle[0]) {
      assertThat(System.nanoTime()).as("requests still run").isLessThan(end);
      server.server.describe(m -> idle[0] = m.engine().counters().admitted() == 0);
      Thread.onSpinWait();
    }
  }

  /** Waits until a request has ended so; if none ever does, this says so. */
  private static void awaitEnd(TestServer server, FinishReason reason) {
    boolean[] ended = {false};
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!ended[0]) {
      assertThat(System.nanoTime()).as("no request has ended as " + reason).isLessThan(end);
      server.server.describe(m -> ended[0] = m.engine().counters().ended().get(reason) > 0);
      Thread.onSpinWait();
    }
  }

  @Test
  void whoHangsUpIsCancelledBeforeTheFirstToken() throws Exception {
    try (TestServer server = crowded(1, 64)) {
      String body = Json.text(body("x".repeat(900), "max_tokens", 100));
      for (int i = 0; i < 8; i++) { // all but one of them wait
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
          socket.getOutputStream().write(http(server, body));
        }
      }
      awaitEnd(server, FinishReason.CANCELLED);
      awaitIdle(server);
      assertThat(server.heldPages()).isZero();
    }
  }

  @Test
  void whoDoesNotReadIsLetGo() throws Exception {
    HttpLimits usual = HttpLimits.DEFAULT;
    HttpLimits impatient =
        new HttpLimits(
            usual.headerBytes(),
            usual.bodyBytes(),
            usual.connections(),
            usual.silence(),
            usual.idle(),
            64);
    try (TestServer server = TestServer.start(s -> s.withLimits(impatient))) {
      String body =
          Json.text(
              body(
                  "x",
                  "max_tokens",
                  1000,
                  "n",
                  8,
                  "logprobs",
                  20,
                  "stream",
                  true,
                  "logit_bias",
                  Map.of(Integer.toString(TinyChatModel.END), -100)));
      try (Socket socket = new Socket()) {
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress("127.0.0.1", server.port()));
        socket.getOutputStream().write(http(server, body));
        awaitEnd(server, FinishReason.SLOW_CONSUMER);
      }
    }
  }

  @Test
  void overloadRefusesAtOnceAndServesTheRest() throws Exception {
    try (TestServer server = crowded(4, 8)) {
      String expected = alone(server, "under load");
      double peak = load(server, 8, expected, null);
      ConcurrentLinkedQueue<Long> refusals = new ConcurrentLinkedQueue<>();
      double goodput = load(server, 32, expected, refusals);
      long[] sorted = refusals.stream().mapToLong(g -> g).sorted().toArray();
      double p99 = sorted.length == 0 ? 0 : sorted[sorted.length * 99 / 100] / 1e6;
      System.err.printf(
          "overload 4x: goodput %.1f of %.1f answers/s (%.0f %%), %d refused, p99 %.1f ms%n",
          goodput, peak, 100 * goodput / peak, sorted.length, p99);
      assertThat(sorted).isNotEmpty();
      if (JUDGE) {
        assertThat(goodput).isGreaterThanOrEqualTo(0.9 * peak);
        assertThat(p99).isLessThan(50);
      }
    }
  }

  /** Answers a second by so many clients that ask again as soon as they may. */
  private static double load(
      TestServer server, int clients, String expected, ConcurrentLinkedQueue<Long> refusals)
      throws Exception {
    long start = System.nanoTime();
    long end = start + Duration.ofSeconds(2).toNanos();
    AtomicInteger good = new AtomicInteger();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      tasks.add(() -> {
        while (System.nanoTime() < end) {
          long asked = System.nanoTime();
          HttpResponse<String> r = server.post("/v1/completions", body("under load"));
          if (r.statusCode() == 200) {
            assertThat(Json.tree(r.body()).at("/choices/0/text").stringValue()).isEqualTo(expected);
            good.incrementAndGet();
          } else {
            assertThat(r.statusCode()).isEqualTo(429);
            assertThat(r.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 60L);
            if (refusals != null) {
              refusals.add(System.nanoTime() - asked);
            }
            Thread.sleep(100); // far less than it was told, or the load would be gone
          }
        }
        return null;
      });
    }
    together(tasks);
    return good.get() / ((System.nanoTime() - start) / 1e9);
  }
}
