package dev.akvavit.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die in the middle, and processes that want the same model at once. */
class KilledProcessTest {
  private static final int KILLS = Integer.getInteger("akvavit.hub.kills", 20);
  private static final long HANGS = 120;

  @TempDir private Path folders;
  private final StubHub stub = new StubHub();

  @BeforeEach
  void fill() {
    HubFixture.addModel(stub, 9_000, 1);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  /** Pulls the model of the fixture, in a process of its own. */
  public static void main(String[] args) {
    Hub hub =
        new Hub(
            HubSettings.of(
                java.util.Map.of("HF_ENDPOINT", args[0], "HF_HUB_CACHE", args[1]),
                Path.of(args[1])),
            new LocalDisk(),
            HubFixture.LIMITS,
            HubFixture.NO_PAUSE);
    hub.fetch(HubFixture.REFERENCE, PullListener.SILENT);
  }

  private Process child(Path cache) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                KilledProcessTest.class.getName(),
                stub.endpoint().toString(),
                cache.toString()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aKilledPullIsTakenUpByTheNext() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < KILLS; i++) {
      Path cache = folders.resolve("kill" + i);
      int moment = 1 + random.nextInt(18);
      AtomicInteger answers = new AtomicInteger();
      CountDownLatch reached = new CountDownLatch(1);
      stub.trouble((request, answer) -> {
        if (answers.incrementAndGet() >= moment) {
          answer.stallAt = random.nextInt(answer.body.length + 1);
          reached.countDown();
        }
      });
      Process process = child(cache);
      assertThat(reached.await(HANGS, TimeUnit.SECONDS)).as("moment %d", moment).isTrue();
      process.destroyForcibly().waitFor();
      HubFixture.assertNothingWrongIsShown(stub, cache);
      stub.trouble(StubHub.NONE);
      HubFixture.hub(stub, cache).fetch(HubFixture.REFERENCE, PullListener.SILENT);
      HubFixture.assertWhole(stub, cache);
    }
  }

  @Test
  void twoProcessesAndTwoThreadsMakeOneDownload() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    stub.trouble((request, answer) -> {
      if (request.fromFileServer()) {
        sent.addAndGet(answer.body.length);
        answer.bytesPerSecond = 20_000;
      }
    });
    List<Process> processes = List.of(child(folders), child(folders));
    List<Thread> threads =
        List.of(Thread.ofPlatform().start(this::fetch), Thread.ofPlatform().start(this::fetch));
    for (Process process : processes) {
      assertThat(process.waitFor(HANGS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    for (Thread thread : threads) {
      assertThat(thread.join(java.time.Duration.ofSeconds(HANGS))).isTrue();
    }
    HubFixture.assertWhole(stub, folders);
    assertThat(sent).hasValue(9_000 + 2_100);
  }

  private void fetch() {
    HubFixture.hub(stub, folders).fetch(HubFixture.REFERENCE, PullListener.SILENT);
  }
}
