package dev.akvavit.server.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.ModelOptions;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.server.AkvavitServer;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.options.ModelSource;
import dev.akvavit.server.options.ServerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InsightTest {
  private static final String KEY = "a key of this test";
  private static final String PROMPT =
      "/** Numbers. */\\npublic class Numbers {\\n  public static int sum(int[] values) {\\n"
          + "    int sum = 0;\\n    for (int value : values) {\\n";

  private final HttpClient client = HttpClient.newHttpClient();
  private AkvavitServer server;

  @BeforeAll
  void start() {
    ModelOptions options = ModelOptions.DEFAULT.withContext(512);
    ServerOptions open =
        ServerOptions.of(List.of(new ModelSource("tiny", DefaultModel.folder(), options)));
    server =
        AkvavitServer.start(
            new ServerOptions(
                open.models(),
                open.host(),
                open.port(),
                List.of(KEY),
                open.withoutKey(),
                open.hostNames(),
                open.corsOrigins(),
                open.memory(),
                open.heartbeat(),
                open.deadline(),
                open.drain(),
                open.vllmMetrics(),
                open.limits(),
                open.accessLog(),
                open.log()));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(
        request.header("Authorization", "Bearer " + KEY).build(), BodyHandlers.ofByteArray());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = send(request(path));
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return Json.read(response.body());
  }

  private JsonNode post(String path, String body) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    return Json.read(response.body());
  }

  @Test
  void defaultsTellWhatTheModelCan() throws Exception {
    JsonNode model = get("/akvavit/defaults");
    assertThat(model.get("model").stringValue()).isEqualTo("tiny");
    assertThat(model.get("chats").booleanValue()).isFalse();
    assertThat(model.get("fills_in").booleanValue()).isTrue();
    assertThat(model.get("context").intValue()).isEqualTo(512);
    assertThat(model.get("selects").get("top_k").intValue()).isEqualTo(256);
    assertThat(model.get("defaults").get("temperature").doubleValue()).isZero();
  }

  @Test
  void anAnsweredPromptIsCachedForTheTokensThatAreAskedAbout() throws Exception {
    String text = "{\"text\": \"" + PROMPT + "\"}";
    JsonNode before = post("/akvavit/tokens", text);
    int tokens = before.get("ids").size();
    assertThat(before.get("pieces").size()).isEqualTo(tokens);
    assertThat(before.get("pieces").get(0).stringValue()).isEqualTo("<|bos|>");
    assertThat(before.get("cached").intValue()).isZero();
    post("/v1/completions", "{\"prompt\": \"" + PROMPT + "\", \"max_tokens\": 2}");
    int cached = post("/akvavit/tokens", text).get("cached").intValue();
    assertThat(cached).isEqualTo((tokens - 1) / 32 * 32).isPositive();

    JsonNode cache = get("/akvavit/cache");
    assertThat(cache.get("states").stringValue()).hasSize(16).contains("k");
    assertThat(cache.get("counts").get("kept").intValue()).isGreaterThanOrEqualTo(cached / 32);
    assertThat(cache.get("planes").size()).isEqualTo(2);
    long bytes = 0;
    for (JsonNode plane : cache.get("planes")) {
      bytes += plane.get("bytes").longValue();
    }
    assertThat(bytes).isEqualTo(cache.get("bytes").longValue());
    assertThat(get("/akvavit/cache?first=3&count=2").get("states").stringValue()).hasSize(2);

    JsonNode experts = get("/akvavit/experts").get("layers");
    assertThat(experts.size()).isEqualTo(9);
    assertThat(experts.get(0).get("load").size()).isEqualTo(16);
    assertThat(experts.get(0).get("most_by_mean").doubleValue()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void theSelectionOfAShortPromptIsEveryTokenBefore() throws Exception {
    JsonNode found = post("/akvavit/selection", "{\"text\": \"int a = 1;\"}");
    int n = found.get("ids").size();
    assertThat(found.get("layers").size()).isEqualTo(10);
    for (JsonNode layer : found.get("layers")) {
      BitSet bits = BitSet.valueOf(Base64.getDecoder().decode(layer.get("rows").stringValue()));
      int stride = Math.ceilDiv(n, 8) * 8;
      for (int query = 0; query < n; query++) {
        for (int key = 0; key < n; key++) {
          assertThat(bits.get(query * stride + key)).isEqualTo(key <= query);
        }
      }
    }
  }

  @Test
  void aPlanIsThePlannersOwn() throws Exception {
    JsonNode plan = get("/akvavit/plan?users=4&context=2048&memory=16&kv=f32&bandwidth=50");
    assertThat(plan.get("model").stringValue()).isEqualTo("tiny");
    assertThat(plan.get("memory").longValue()).isEqualTo(16L << 30);
    assertThat(plan.get("mechanisms").get(0).get("tokens_per_second").doubleValue()).isPositive();
    JsonNode contexts = plan.get("curves").get("contexts");
    JsonNode own = plan.get("curves").get("cache_bytes").get(0);
    assertThat(own.size()).isEqualTo(contexts.size());
    long perToken = plan.get("kv_bytes_per_token").longValue();
    for (int i = 0; i < contexts.size(); i++) {
      assertThat(own.get(i).doubleValue())
          .isEqualTo(4.0 * contexts.get(i).intValue() * perToken); // whole pages
    }
    JsonNode shape = get("/akvavit/plan?shape=deepseek-v3&memory=320");
    assertThat(shape.get("model").stringValue()).isEqualTo("deepseek-v3");
    assertThat(shape.get("fits").booleanValue()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/akvavit/cache?first=16 | first",
        "/akvavit/cache?count=0 | count",
        "/akvavit/cache?count=99999 | count",
        "/akvavit/cache?evictions_seen=-1 | evictions_seen",
        "/akvavit/cache?evictions_seen=x | evictions_seen",
        "/akvavit/plan?shape=..%2Fetc | shape",
        "/akvavit/plan?users=0 | users",
        "/akvavit/plan?context=8193 | context",
        "/akvavit/plan?kv=int4 | kv",
        "/akvavit/plan?memory=-1 | memory",
        "/akvavit/plan?bandwidth=NaN | bandwidth",
      })
  void aParameterOutOfItsBoundsIsNamedWithWhatIsAllowed(String path, String name) throws Exception {
    HttpResponse<byte[]> response = send(request(path));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = Json.read(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(name);
    assertThat(error.get("message").stringValue()).contains(name + ": found").contains("allowed:");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/akvavit/tokens | {} | text",
        "/akvavit/tokens | {\"text\": 3} | text",
        "/akvavit/tokens | {\"text\": \"a\", \"messages\": [{\"role\": \"user\", \"content\": \"b\"}]} | text",
        "/akvavit/tokens | {\"messages\": [{\"role\": \"user\", \"content\": \"b\"}]} | messages",
        "/akvavit/tokens | {\"messages\": [{\"role\": \"king\", \"content\": \"b\"}]} | messages[0].role",
        "/akvavit/tokens | {\"text\": \"a\", \"more\": 1} | more",
        "/akvavit/selection | {\"text\": [1]} | text",
      })
  void aBodyOutOfItsTableIsNamed(String path, String body, String name) throws Exception {
    HttpResponse<byte[]> response =
        send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = Json.read(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(name);
  }

  @Test
  void aPromptLongerThanTheContextIsRefusedWithBothCounts() throws Exception {
    String body = "{\"text\": \"" + "int a; ".repeat(600) + "\"}";
    HttpResponse<byte[]> response =
        send(request("/akvavit/tokens").POST(HttpRequest.BodyPublishers.ofString(body)));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(new String(response.body())).contains("context_length_exceeded").contains("512");
  }

  @ParameterizedTest
  @CsvSource({"defaults", "cache", "experts", "plan"})
  void everyViewAsksForTheKey(String view) throws Exception {
    HttpRequest request = request("/akvavit/" + view).build();
    assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(401);
  }

  @Test
  void thePageItselfIsOpenAndUnderAStrictPolicy() throws Exception {
    for (String path : List.of("/", "/main.js", "/vendor/marked.js", "/style.css")) {
      HttpResponse<Void> response = client.send(request(path).build(), BodyHandlers.discarding());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'")
          .doesNotContain("unsafe", "*");
    }
    for (String path : List.of("/../pom.xml", "/vendor/..%2f..%2fAkvavitServer.class", "/x.js")) {
      assertThat(send(request(path)).statusCode()).as(path).isIn(400, 404);
    }
  }
}
