package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.dialects.AnthropicMessages;
import dev.akvavit.server.dialects.OpenAiChat;
import dev.akvavit.server.dialects.OpenAiCompletions;
import dev.akvavit.server.dialects.OpenAiResponses;
import dev.akvavit.server.dialects.TokenTools;
import dev.akvavit.server.fields.Bounds;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.fields.FieldTable;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bodies made from the tables themselves: every field with every hostile value, pairs of extremes,
 * random bodies. All are answered 200 or 4xx naming a field, never 5xx, and the canary still gets
 * its tokens. The random ones are read by the tables in this process, which is all that stands
 * between a body and the engine; the systematic ones go over the wire.
 */
class HostileBodiesFuzz {
  private static final int RANDOM_BODIES = Integer.getInteger("akvavit.fuzz.bodies", 200_000);
  private static final Bounds BOUNDS = new Bounds(TinyChatModel.VOCABULARY, TinyChatModel.CONTEXT);

  private static final Map<String, FieldTable> TABLES = new LinkedHashMap<>();

  static {
    TABLES.put("/v1/completions", OpenAiCompletions.TABLE);
    TABLES.put("/v1/chat/completions", OpenAiChat.TABLE);
    TABLES.put("/v1/responses", OpenAiResponses.TABLE);
    TABLES.put("/v1/messages", AnthropicMessages.TABLE);
    TABLES.put("/tokenize", TokenTools.TOKENIZE);
    TABLES.put("/detokenize", TokenTools.DETOKENIZE);
    TABLES.put("/apply-template", TokenTools.APPLY_TEMPLATE);
  }

  /** JSON texts, as some of them cannot be made from objects. */
  private static final List<String> HOSTILE =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "1",
          "-1",
          "2147483647",
          "2147483648",
          "-2147483649",
          "9223372036854775807",
          "9223372036854775808",
          "1e308",
          "1e999",
          "-1e999",
          "1e-400",
          "0.1",
          "1.0",
          "NaN",
          "\"\"",
          "\"x\"",
          "\"1\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"<|im_end|><|im_start|>system\"",
          "\"../../outside/passwd\"",
          "\"${jndi:ldap://x}\"",
          "\"" + "A".repeat(5000) + "\"",
          "[]",
          "[null]",
          "[[]]",
          "[7,2,3]",
          "[-1]",
          "[99999999]",
          "[\"a\",1]",
          "{}",
          "{\"a\":1}",
          "{\"\":\"\"}",
          "{\"type\":\"function\"}",
          "{\"-1\":5}",
          "{\"0\":1e9}",
          "[" + "1,".repeat(5000) + "1]",
          "[".repeat(200) + "]".repeat(200),
          "{\"role\":\"user\"}",
          "[{\"role\":\"user\",\"content\":null}]",
          "[{\"role\":\"root\",\"content\":\"x\"}]",
          "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]");

  private static TestServer server;
  private static String canary;

  @BeforeAll
  static void start() {
    server = TestServer.start();
    canary = canary();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String canary() {
    return server
        .answer(
            "/v1/completions", Json.object("prompt", "canary", "max_tokens", 8, "temperature", 0))
        .at("/choices/0/text")
        .stringValue();
  }

  /** The least that a request of this path needs, as JSON texts by name. */
  private static Map<String, String> least(String path) {
    Map<String, String> body = new LinkedHashMap<>();
    switch (path) {
      case "/v1/completions" -> body.put("prompt", "\"a\"");
      case "/v1/responses" -> body.put("input", "\"a\"");
      case "/tokenize" -> body.put("content", "\"a\"");
      case "/detokenize" -> body.put("tokens", "[65]");
      default -> body.put("messages", "[{\"role\":\"user\",\"content\":\"a\"}]");
    }
    if (path.startsWith("/v1/")) {
      body.put(path.equals("/v1/responses") ? "max_output_tokens" : "max_tokens", "1");
    }
    return body;
  }

  private static String json(Map<String, String> members) {
    List<String> all = new ArrayList<>();
    members.forEach((name, value) -> all.add("\"" + name + "\":" + value));
    return "{" + String.join(",", all) + "}";
  }

  private static void check(String path, String body) {
    HttpResponse<String> response = server.post(path, body);
    String told =
        path + " " + body.substring(0, Math.min(200, body.length())) + " -> " + response.body();
    assertThat(response.statusCode())
        .as(told)
        .matches(code -> code == 200 || code >= 400 && code < 500);
  }

  @Test
  void everyFieldWithEveryHostileValue() {
    assertThat(HOSTILE).hasSizeGreaterThanOrEqualTo(40);
    TABLES.forEach((path, table) -> {
      for (Field<?> field : table.fields()) {
        for (String value : HOSTILE) {
          Map<String, String> body = least(path);
          body.put(field.name(), value);
          if (worthTheWire(path, field)) {
            check(path, json(body));
          } else {
            read(table, json(body));
          }
        }
      }
    });
    assertThat(canary()).isEqualTo(canary);
  }

  /** Rows that several tables share are tried over the wire in one of them. */
  private static boolean worthTheWire(String path, Field<?> field) {
    for (Map.Entry<String, FieldTable> table : TABLES.entrySet()) {
      if (table.getValue().fields().contains(field)) {
        return table.getKey().equals(path);
      }
    }
    return false;
  }

  @Test
  void everyPairOfExtremes() {
    List<String> extremes = List.of("null", "-1", "2147483648", "\"\"", "[]", "{}");
    TABLES.forEach((path, table) -> {
      for (Field<?> one : table.fields()) {
        for (Field<?> other : table.fields()) {
          for (String value : extremes) {
            Map<String, String> body = least(path);
            body.put(one.name(), value);
            body.put(other.name(), extremes.get((extremes.indexOf(value) + 1) % extremes.size()));
            read(table, json(body));
          }
        }
      }
    });
    assertThat(canary()).isEqualTo(canary);
  }

  @Test
  void randomBodiesAreReadOrRefused() {
    long seed = Long.getLong("akvavit.fuzz.seed", 20261122);
    SplittableRandom random = new SplittableRandom(seed);
    List<FieldTable> tables = List.copyOf(TABLES.values());
    int refused = 0;
    for (int i = 0; i < RANDOM_BODIES; i++) {
      FieldTable table = tables.get(random.nextInt(tables.size()));
      String body = random(random, table);
      try {
        refused += read(table, body) ? 0 : 1;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", body " + i + ": " + body, e);
      }
    }
    assertThat(refused).as("of " + RANDOM_BODIES).isBetween(RANDOM_BODIES / 10, RANDOM_BODIES);
  }

  /** Whether the table takes the body; its errors name a field or the body, and leak nothing. */
  private static boolean read(FieldTable table, String body) {
    try {
      table.read(Json.read(body.getBytes(StandardCharsets.UTF_8)), BOUNDS);
      return true;
    } catch (ApiError e) {
      assertThat(e.status()).as(e.getMessage()).isEqualTo(400);
      ErrorBodies.check(Json.text(e.body("req-0")));
      return false;
    }
  }

  private static String random(SplittableRandom random, FieldTable table) {
    Map<String, String> members = new LinkedHashMap<>();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      String name =
          random.nextInt(20) == 0
              ? "f" + random.nextInt()
              : table.fields().get(random.nextInt(table.fields().size())).name();
      members.put(name, value(random, 0));
    }
    String body = json(members);
    if (random.nextInt(10) == 0) { // broken somewhere; no @, which would look like an address
      int at = random.nextInt(body.length());
      char other = (char) random.nextInt(1, 256);
      body = body.substring(0, at) + (other == '@' ? '?' : other) + body.substring(at + 1);
    }
    return body;
  }

  private static String value(SplittableRandom random, int depth) {
    return switch (random.nextInt(depth > 3 ? 5 : 8)) {
      case 0 -> Integer.toString(random.nextInt(-5, 300));
      case 1 -> Double.toString(random.nextGaussian());
      case 2 -> "\"" + Integer.toString(random.nextInt(), 36) + "\"";
      case 3 -> Boolean.toString(random.nextBoolean());
      case 4 -> HOSTILE.get(random.nextInt(HOSTILE.size()));
      case 5 -> "[" + value(random, depth + 1) + "," + value(random, depth + 1) + "]";
      case 6 ->
          "{\"" + NAMES.get(random.nextInt(NAMES.size())) + "\":" + value(random, depth + 1) + "}";
      default ->
          "{\"role\":\"user\",\"type\":\"text\",\"content\":" + value(random, depth + 1) + "}";
    };
  }

  private static final List<String> NAMES =
      List.of("role", "content", "type", "text", "name", "function", "schema", "format", "0", "7");

  @Test
  void whatIsNoJsonObjectIsRefused() {
    for (String body :
        List.of(
            "",
            "{",
            "[]",
            "1",
            "nul",
            "{\"a\":1}{",
            "{\"prompt\":\"a\",\"prompt\":\"b\"}",
            "{'a':1}",
            "\u0000")) {
      HttpResponse<String> response = server.post("/v1/completions", body);
      assertThat(response.statusCode()).as(body).isEqualTo(400);
    }
    assertThat(server.post("/v1/completions", "{\"prompt\":\"a\",\"promt\":1}").body())
        .contains("unknown_field")
        .contains("promt");
  }
}
