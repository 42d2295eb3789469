package dev.akvavit.hub;

import static dev.akvavit.hub.HubFixture.MODEL;
import static dev.akvavit.hub.HubFixture.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file server that does each wrong thing by itself: the bytes come out right, or a named error.
 */
class HostileTransferTest {
  @TempDir private Path cache;
  private final StubHub stub = new StubHub();

  @BeforeEach
  void fill() {
    HubFixture.addModel(stub);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  private void pull() {
    HubFixture.hub(stub, cache).pull(REFERENCE, PullListener.SILENT);
  }

  private void expect(Reason reason, String... parts) throws IOException {
    assertThatThrownBy(this::pull)
        .hasMessageContainingAll(parts)
        .extracting("reason")
        .isEqualTo(reason);
    HubFixture.assertNothingWrongIsShown(stub, cache);
    stub.trouble(StubHub.NONE);
    pull();
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void aConnectionCutAtAnyByteIsTakenUpThere(@TempDir Path folders) throws IOException {
    for (int cut = 0; cut <= 1_000; cut += cut < 20 || cut > 980 ? 1 : 37) {
      int at = cut;
      AtomicInteger cuts = new AtomicInteger(6);
      stub.trouble((request, answer) -> {
        if (request.fromFileServer() && cuts.getAndDecrement() > 0) {
          answer.cutAt = at;
        }
      });
      Path own = folders.resolve("cut" + cut);
      TransferLimits patient =
          new TransferLimits(1000, 3, 1, 9, 100, Duration.ofSeconds(20), Duration.ofMinutes(5));
      new Hub(HubFixture.settings(stub, own), new LocalDisk(), patient, HubFixture.NO_PAUSE)
          .pull(REFERENCE, PullListener.SILENT);
      HubFixture.assertWhole(stub, own);
    }
  }

  @Test
  void whatCameIsAskedForOnce() throws IOException {
    AtomicInteger sent = new AtomicInteger();
    AtomicBoolean dead = new AtomicBoolean();
    stub.trouble((request, answer) -> {
      if (request.fromFileServer() && (dead.get() || sent.get() > 4_000)) {
        dead.set(true);
        answer.cutAt = 0;
      } else if (request.fromFileServer()) {
        sent.addAndGet(answer.body.length);
      }
    });
    assertThatThrownBy(this::pull).hasMessageContaining("goes on from there");
    int first = sent.get();
    dead.set(false);
    sent.set(0);
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        assertThat(request.header("If-Range")).isNotEmpty();
        sent.addAndGet(answer.body.length);
      }
    });
    pull();
    HubFixture.assertWhole(stub, cache);
    int all = 5_500 + 2_100;
    assertThat(first + sent.get()).isEqualTo(all);
  }

  @Test
  void aServerWithoutRangesSendsTheWholeFile() throws IOException {
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        whole(request, answer);
      }
    });
    pull();
    HubFixture.assertWhole(stub, cache);
  }

  private void whole(StubHub.Request request, StubHub.Answer answer) {
    answer.status = 200;
    answer.headers.remove("Content-Range");
    answer.body =
        stub.files(MODEL).values().stream()
            .filter(f -> request.path().endsWith(StubHub.digest(f)))
            .findFirst()
            .orElseThrow();
  }

  @Test
  void aFileThatChangesOnTheServerStartsAnew() throws IOException {
    AtomicInteger answers = new AtomicInteger();
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        boolean late = answers.incrementAndGet() > 2;
        String etag = late ? "\"new\"" : "\"old\"";
        answer.headers.put("ETag", etag);
        String wanted = request.header("If-Range");
        if (!wanted.isEmpty() && !wanted.equals(etag)) {
          whole(request, answer);
        } else if (!wanted.isEmpty() && answer.status == 200) {
          range(request, answer);
        }
      }
    });
    pull();
    HubFixture.assertWhole(stub, cache);
  }

  private static void range(StubHub.Request request, StubHub.Answer answer) {
    String[] ends = request.header("Range").substring(6).split("-");
    int from = Integer.parseInt(ends[0]);
    int to = Integer.parseInt(ends[1]);
    int all = answer.body.length;
    answer.status = 206;
    answer.body = java.util.Arrays.copyOfRange(answer.body, from, to + 1);
    answer.headers.put("Content-Range", "bytes %d-%d/%d".formatted(from, to, all));
  }

  @Test
  void etagsThatNeverStandStillEndInAnError() throws IOException {
    AtomicInteger answers = new AtomicInteger();
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        answer.headers.put("ETag", "\"" + answers.incrementAndGet() + "\"");
      }
    });
    expect(Reason.BROKEN_ANSWER, "changed on the server, again and again");
  }

  @Test
  void wrongBytesAreNotKept() throws IOException {
    stub.trouble((request, answer) -> {
      if (request.fromFileServer() && answer.body.length > 10) {
        answer.body = answer.body.clone();
        answer.body[answer.body.length / 2] ^= 1;
      }
    });
    expect(Reason.WRONG_BYTES, "found other bytes than digest");
  }

  @Test
  void wrongBytesOfASmallFileAreNotKept() throws IOException {
    stub.trouble((request, answer) -> {
      if (request.path().endsWith("/config.json")) {
        answer.body = answer.body.clone();
        answer.body[3] ^= 1;
      }
    });
    expect(Reason.WRONG_BYTES, "config.json", "found other bytes");
  }

  @Test
  void wrongBytesOnceAreFetchedAnew() throws IOException {
    AtomicBoolean once = new AtomicBoolean(true);
    stub.trouble((request, answer) -> {
      if (request.fromFileServer() && once.getAndSet(false)) {
        answer.body = answer.body.clone();
        answer.body[0] ^= 1;
      }
    });
    pull();
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void aBodyInAnotherCodingIsNotTaken() throws IOException {
    stub.trouble((request, answer) -> {
      if (request.isFile()) {
        assertThat(request.header("Accept-Encoding")).isEqualTo("identity");
        answer.headers.put("Content-Encoding", "gzip");
      }
    });
    expect(Reason.UNREACHABLE, "found Content-Encoding “gzip”");
  }

  @Test
  void anotherSizeOrDigestThanTheListsIsNamed() throws IOException {
    stub.trouble(
        (request, answer) -> answer.headers.computeIfPresent("X-Linked-Size", (k, v) -> "99"));
    expect(Reason.BROKEN_ANSWER, "the hub's list says 2,100 bytes, its file server 99 bytes");
  }

  @Test
  void anotherDigestThanTheListsIsNamed() throws IOException {
    stub.trouble((request, answer) ->
        answer.headers.computeIfPresent("X-Linked-Etag", (k, v) -> "\"" + "a".repeat(64)));
    expect(Reason.BROKEN_ANSWER, "the hub's list names digest");
  }

  @Test
  void rangesOfAnotherFileAreNotTaken() throws IOException {
    stub.trouble((request, answer) ->
        answer.headers.computeIfPresent(
            "Content-Range", (k, v) -> v.replaceAll("/\\d+", "/77777")));
    expect(Reason.BROKEN_ANSWER, "its file server 77777 bytes");
  }

  @Test
  void rangesOtherThanAskedForAreNotTaken() throws IOException {
    stub.trouble((request, answer) ->
        answer.headers.computeIfPresent("Content-Range", (k, v) -> v.replace("bytes ", "bytes 1")));
    expect(
        Reason.UNREACHABLE, "asked for bytes ", "found “bytes 1"); // of whichever part failed first
  }

  @Test
  void aLengthThatIsALieCostsOnlyTheRest() throws IOException {
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        answer.claimedLength = answer.body.length + 500L;
        answer.cutAt = Math.max(1, answer.body.length - 1L);
      }
    });
    // Each segment's last byte comes by itself, for the client takes up what came.
    pull();
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void aListThatLiesAboutSizesIsFoundOut() throws IOException {
    stub.trouble((request, answer) -> {
      if (!request.isFile()) {
        answer.body = new String(answer.body).replace("\"size\":5500", "\"size\":5600").getBytes();
      }
    });
    expect(Reason.BROKEN_ANSWER, "model.safetensors", "5,600 bytes, its file server 5,500 bytes");
    stub.trouble((request, answer) -> {
      if (!request.isFile()) {
        answer.body =
            new String(answer.body)
                .replace("\"size\":5500", "\"size\":" + Long.MAX_VALUE)
                .getBytes();
      }
    });
    stub.put(MODEL, "config.json", "{ }");
    assertThatThrownBy(this::pull).extracting("reason").isEqualTo(Reason.BROKEN_ANSWER);
  }

  @Test
  void aServerThatFallsSilentIsLeft() throws IOException {
    AtomicInteger silences = new AtomicInteger(3);
    stub.trouble((request, answer) -> {
      if (request.fromFileServer() && silences.getAndDecrement() > 0) {
        answer.stallAt = 100;
      }
    });
    TransferLimits hasty =
        new TransferLimits(1000, 3, 100, 4, 100, Duration.ofMillis(300), Duration.ofMinutes(5));
    new Hub(HubFixture.settings(stub, cache), new LocalDisk(), hasty, HubFixture.NO_PAUSE)
        .pull(REFERENCE, PullListener.SILENT);
    HubFixture.assertWhole(stub, cache);
  }

  @Test
  void signedAddressesThatRunOutAreAskedForAgain() throws IOException {
    AtomicInteger refusals = new AtomicInteger(2);
    stub.trouble((request, answer) -> {
      if (request.fromFileServer() && refusals.getAndDecrement() > 0) {
        answer.status = 403;
      }
    });
    pull();
    HubFixture.assertWhole(stub, cache);
  }
}
