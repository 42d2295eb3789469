package dev.akvavit.hub;

import static dev.akvavit.hub.HubFixture.LIMITS;
import static dev.akvavit.hub.HubFixture.MODEL;
import static dev.akvavit.hub.HubFixture.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hub says instead of a file, what is made of it, and who never sees the token. */
class RefusalTest {
  private static final String SECRET = "hf_TheSecretOfThisTest";

  @TempDir private Path cache;
  private final StubHub stub = new StubHub();
  private final List<Duration> pauses = new ArrayList<>();

  @BeforeEach
  void fill() {
    HubFixture.addModel(stub);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  private Hub hub(Token token) {
    return new Hub(HubFixture.settings(stub, cache, token), new LocalDisk(), LIMITS, pauses::add);
  }

  private void expect(Token token, Reason reason, String... parts) {
    assertThatThrownBy(() -> hub(token).pull(REFERENCE, PullListener.SILENT))
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET))
        .extracting("reason")
        .isEqualTo(reason);
    assertThat(hub(token).find(REFERENCE)).isEmpty();
  }

  private static Token token() {
    return Token.of(" " + SECRET + "\n", "test");
  }

  @Test
  void theTokenGoesToTheHubAndToNobodyElse() {
    hub(token()).pull(REFERENCE, PullListener.SILENT);
    List<StubHub.Request> requests = stub.requests();
    assertThat(requests).filteredOn(StubHub.Request::fromFileServer).isNotEmpty();
    for (StubHub.Request request : requests) {
      assertThat(request.header("Authorization"))
          .as(request.path())
          .isEqualTo(request.fromFileServer() ? "" : "Bearer " + SECRET);
    }
    assertThat(token().toString()).doesNotContain(SECRET);
    assertThat(HubFixture.settings(stub, cache, token()).toString()).doesNotContain(SECRET);
  }

  @Test
  void aGatedModelSaysWhatToDo() {
    stub.trouble((request, answer) -> {
      if (request.isFile()) {
        answer.status = 401;
        answer.headers.put("X-Error-Code", "GatedRepo");
      }
    });
    String page = stub.endpoint() + "/" + MODEL;
    expect(
        Token.NONE, Reason.NO_ACCESS, "is gated", "accept the licence on " + page, "set HF_TOKEN");
    expect(token(), Reason.NO_ACCESS, "is gated", "the token given has no access", page);
  }

  @Test
  void whatIsNotThereAndWhatIsPrivateLookAlike() {
    stub.trouble((request, answer) -> code(answer, 401, "RepoNotFound"));
    expect(Token.NONE, Reason.NOT_FOUND, "check the spelling", "set HF_TOKEN if it is private");
    expect(token(), Reason.NOT_FOUND, "the token given may see");
    stub.trouble((request, answer) -> code(answer, 404, ""));
    expect(Token.NONE, Reason.NOT_FOUND, "found no such model");
    stub.trouble((request, answer) -> code(answer, 404, "RevisionNotFound"));
    expect(Token.NONE, Reason.NOT_FOUND, "found no revision main");
    stub.trouble((request, answer) -> code(answer, 401, ""));
    expect(token(), Reason.NO_ACCESS, "refuses the token given", "HF_TOKEN");
    assertThat(pauses).isEmpty();
  }

  private static void code(StubHub.Answer answer, int status, String code) {
    answer.status = status;
    answer.body = new byte[0];
    answer.headers.put("X-Error-Code", code);
  }

  @Test
  void aBusyHubIsGivenTheTimeItAsksFor() throws IOException {
    AtomicInteger refusals = new AtomicInteger(3);
    stub.trouble((request, answer) -> {
      if (refusals.getAndDecrement() > 0) {
        code(answer, refusals.get() % 2 == 0 ? 429 : 503, "");
        answer.headers.put("Retry-After", "7");
      }
    });
    hub(Token.NONE).pull(REFERENCE, PullListener.SILENT);
    assertThat(pauses)
        .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(7), Duration.ofSeconds(7));
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void theRateLimitsOwnHeaderIsReadToo() {
    AtomicInteger refusals = new AtomicInteger(1);
    stub.trouble((request, answer) -> {
      if (refusals.getAndDecrement() > 0) {
        code(answer, 429, "");
        answer.headers.put("RateLimit", "\"resolvers\";r=0;t=41");
      }
    });
    hub(Token.NONE).pull(REFERENCE, PullListener.SILENT);
    assertThat(pauses).containsExactly(Duration.ofSeconds(41));
  }

  @Test
  void patienceEnds() {
    stub.trouble((request, answer) -> code(answer, 429, ""));
    expect(Token.NONE, Reason.RATE_LIMITED, "the hub is busy (HTTP 429)", "tried 4 times");
    stub.trouble((request, answer) -> {
      code(answer, 429, "");
      answer.headers.put("Retry-After", "86400");
    });
    expect(Token.NONE, Reason.RATE_LIMITED, "come back in 86400 s", "HF_TOKEN");
    stub.trouble((request, answer) -> code(answer, 500, ""));
    expect(Token.NONE, Reason.UNREACHABLE, "found HTTP 500", "tried 4 times");
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofSeconds(30)) < 0);
  }

  @Test
  void redirectsEndSomewhere() {
    stub.trouble((request, answer) -> {
      if (request.isFile()) {
        answer.status = 302;
        answer.headers.put("Location", request.path());
      }
    });
    expect(Token.NONE, Reason.BROKEN_ANSWER, "more than 8 redirects");
    for (String nowhere : List.of("file:///etc/passwd", "ftp://x/y", "", "http://a:b@x/", "::")) {
      stub.trouble((request, answer) -> {
        if (request.isFile()) {
          answer.status = 302;
          answer.headers.put("Location", nowhere);
        }
      });
      expect(Token.NONE, Reason.BROKEN_ANSWER, "found a redirect to");
    }
  }

  @Test
  void aHubThatIsNoneIsNamed() {
    stub.trouble((request, answer) -> answer.body = "<html>welcome</html>".getBytes());
    expect(Token.NONE, Reason.BROKEN_ANSWER, "is HF_ENDPOINT a hub?");
    for (String json :
        List.of(
            "[]",
            "{}",
            "{\"sha\":\"../../..\"}",
            "{\"sha\":\"" + "0".repeat(40) + "\",\"siblings\":[{\"rfilename\":\"config.json\"}]}",
            "{\"sha\":\""
                + "0".repeat(40)
                + "\",\"siblings\":[{\"rfilename\":\"config.json\","
                + "\"size\":-5,\"blobId\":\""
                + "0".repeat(40)
                + "\"}]}",
            "{\"sha\":\""
                + "0".repeat(40)
                + "\",\"siblings\":[{\"rfilename\":\"config.json\","
                + "\"size\":5,\"blobId\":\"../../x\"}]}",
            "{\"sha\":\"" + "0".repeat(40) + "\",\"siblings\":[")) {
      stub.trouble((request, answer) -> answer.body = json.getBytes());
      expect(Token.NONE, Reason.BROKEN_ANSWER, MODEL);
    }
  }

  @Test
  void namesThatLeadOutOfTheCacheAreRefused() {
    for (String name :
        List.of(
            "../config.json",
            "/etc/config.json",
            "a/../../config.json",
            "additional_chat_templates/..",
            "a\\..\\config.json",
            "config.json\0.txt",
            "additional_chat_templates/con.jinja",
            "additional_chat_templates/a:b.jinja")) {
      HubFixture.addModel(stub);
      stub.put(MODEL, name, "{}");
      expect(Token.NONE, Reason.BROKEN_ANSWER, "called");
      stub.files(MODEL).remove(name);
    }
    assertThat(stub.requests()).noneMatch(StubHub.Request::isFile);
  }

  @Test
  void anIndexThatNamesWhatIsNotThereIsRefused() {
    stub.files(MODEL).remove("model.safetensors");
    for (String index :
        List.of(
            "{\"weight_map\":{\"a\":\"../../../model.safetensors\"}}",
            "{\"weight_map\":{\"a\":\"absent.safetensors\"}}",
            "{\"weight_map\":{}}",
            "{\"weight_map\":[",
            "pickle")) {
      stub.put(MODEL, "model.safetensors.index.json", index);
      assertThatThrownBy(() -> hub(Token.NONE).pull(REFERENCE, PullListener.SILENT))
          .extracting("reason")
          .isEqualTo(Reason.BROKEN_ANSWER);
      assertThat(hub(Token.NONE).find(REFERENCE)).isEmpty();
    }
  }
}
