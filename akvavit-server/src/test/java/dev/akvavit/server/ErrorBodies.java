package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.server.http.Json;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Every error that any test sees is held against what errors may say. */
final class ErrorBodies {
  /** A file's path, a class, a stack trace, the address of an object. */
  private static final Pattern LEAK =
      Pattern.compile(
          "/(home|root|tmp|usr|work|var|etc)\\b|\\.java\\b|\\b(java|jdk|dev|io|tools)\\.[a-z]+\\.[a-zA-Z.]+|Exception|\\bat"
              + " [a-z]+\\.|@[0-9a-f]{5,}");

  private ErrorBodies() {}

  static void check(HttpResponse<String> response) {
    if (response.statusCode() < 400 || response.request().uri().getPath().startsWith("/health")) {
      return;
    }
    check(response.body());
    assertThat(response.headers().firstValue("X-Request-Id")).isPresent();
  }

  static void check(String body) {
    JsonNode error = Json.tree(body).get("error");
    assertThat(error).as(body).isNotNull();
    for (String member : new String[] {"message", "type", "code", "request_id"}) {
      assertThat(error.path(member).asString("")).as(member + " of " + body).isNotBlank();
    }
    assertThat(error.has("param")).as(body).isTrue();
    assertThat(body).doesNotContainPattern(LEAK);
  }
}
