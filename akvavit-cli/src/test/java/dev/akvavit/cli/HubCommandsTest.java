package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.defaultmodel.DefaultModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pull}, {@code ls}, {@code rm}, and names in {@code -m}, against a hub on the loopback. */
class HubCommandsTest {
  private static final String MODEL = "acme/golden";
  private static final String COMMIT = "0123456789".repeat(4);

  @TempDir private Path cache;
  private final Path folder = DefaultModel.folder();
  private final AtomicInteger requests = new AtomicInteger();
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> answer(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String path = in.readLine().split(" ")[1];
      while (!in.readLine().isEmpty()) {
        Thread.onSpinWait(); // headers do not matter here
      }
      requests.incrementAndGet();
      byte[] body = body(path);
      String head = body == null ? "401 No\r\nX-Error-Code: RepoNotFound" : "200 Yes";
      byte[] bytes = body == null ? new byte[0] : body;
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                  .formatted(head, bytes.length)
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // the client went away, as it may
    }
  }

  private byte[] body(String path) throws IOException {
    if (path.startsWith("/api/models/" + MODEL + "/revision/")) {
      return listing().getBytes(StandardCharsets.UTF_8);
    }
    return path.startsWith("/" + MODEL + "/resolve/" + COMMIT + "/")
        ? Files.readAllBytes(folder.resolve(path.substring(path.lastIndexOf('/') + 1)))
        : null;
  }

  private String listing() throws IOException {
    StringBuilder json = new StringBuilder("{\"sha\":\"" + COMMIT + "\",\"siblings\":[");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        byte[] bytes = Files.readAllBytes(file);
        json.append(json.toString().endsWith("[") ? "" : ",")
            .append(
                "{\"rfilename\":\"%s\",\"size\":%d,\"lfs\":{\"sha256\":\"%s\"}}"
                    .formatted(file.getFileName(), bytes.length, sha256(bytes)));
      }
    }
    return json + "]}";
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aModelOfTheHubIsPlannedFromItsConfigAlone() {
    Invocation plan = run("plan", MODEL, "--memory", "8GiB");
    assertThat(plan.exitCode()).isZero();
    assertThat(plan.out()).startsWith(MODEL + "  deepseek_v32").contains("latent + rope");
    assertThat(requests).hasValue(2); // the list of files, and one of them
    assertThat(run("plan", MODEL, "--memory", "8GiB", "--offline").exitCode()).isZero();
    assertThat(requests).hasValue(2);
    Invocation unknown = run("plan", "acme/none", "--memory", "8GiB");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).startsWith("akvavit: MODEL: acme/none");
  }

  private Invocation run(String command, String... args) {
    return Invocation.of(arguments(command, args));
  }

  private String[] arguments(String command, String... args) {
    return Stream.concat(
            Stream.of(
                command,
                "--hub-cache",
                cache.toString(),
                "--hub-endpoint",
                "http://127.0.0.1:" + server.getLocalPort()),
            Stream.of(args))
        .toArray(String[]::new);
  }

  @Test
  void aModelIsPulledListedUsedAndRemoved() {
    Invocation pull = run("pull", MODEL);
    assertThat(pull.exitCode()).as(pull.err()).isZero();
    assertThat(pull.out()).startsWith(MODEL + "  ").contains("fetched; commit " + COMMIT);

    int asked = requests.get();
    Invocation named = run("run", "-m", MODEL, "-n", "8", "class A {");
    Invocation plain = Invocation.of("run", "-n", "8", "class A {");
    assertThat(named.exitCode()).as(named.err()).isZero();
    assertThat(named.out()).isEqualTo(plain.out());
    assertThat(run("run", "--offline", "-m", MODEL, "-n", "8", "class A {").out())
        .isEqualTo(plain.out());
    assertThat(run("show", "-m", MODEL + "@" + COMMIT).out()).startsWith(MODEL + "@" + COMMIT);
    assertThat(run("ls").out())
        .contains(MODEL, "main (0123456789)", "complete")
        .doesNotContain("incomplete");
    JsonObject listed = run("ls", "--json").json();
    assertThat(listed.text("cache")).isEqualTo(cache.toString());
    assertThat(listed.objects("models").getFirst().text("commit")).isEqualTo(COMMIT);
    assertThat(requests).as("requests after the pull").hasValue(asked);

    Invocation unasked = run("rm", MODEL);
    assertThat(unasked.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(unasked.err()).contains("add --yes");
    assertThat(run("rm", "--yes", MODEL).out()).startsWith("removed acme/golden, 1 revision, ");
    assertThat(run("ls").err()).startsWith("no models in ");
  }

  @Test
  void aNameIsFetchedWhereAPathIsMissing() {
    Invocation run = run("run", "-m", MODEL, "--progress", "json", "-n", "4", "class A {");
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> events =
        run.err()
            .lines()
            .filter(l -> l.startsWith("{"))
            .map(l -> JsonObject.of(l).text("event"))
            .toList();
    assertThat(events).startsWith("planned").endsWith("finished").contains("verifying");
  }

  @Test
  void pullTellsProgramsWhatItDid() {
    JsonObject pulled = run("pull", "--json", "--progress", "none", MODEL).json();
    assertThat(pulled.text("commit")).isEqualTo(COMMIT);
    assertThat(pulled.number("downloaded")).isEqualTo(pulled.number("bytes"));
    assertThat(run("pull", "--json", MODEL).json().number("downloaded")).isZero();
  }

  @Test
  void onATerminalRemovalAsks() {
    run("pull", MODEL);
    Invocation no = Invocation.answering("n\n", arguments("rm", MODEL));
    assertThat(no.err()).contains("remove acme/golden, 1 revision, ").contains("nothing removed");
    assertThat(no.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(run("ls").out()).contains(MODEL);
    assertThat(Invocation.answering("y\n", arguments("rm", MODEL)).exitCode()).isZero();
    assertThat(run("ls").out()).isEmpty();
  }

  @Test
  void whatCannotBeHadIsSaidInOneLine() {
    run("pull", MODEL);
    expect(run("pull", "golden"), "found “golden”, allowed: owner/name");
    expect(run("pull", "acme/goldem"), "found no such model", "HF_TOKEN");
    expect(
        run("run", "-m", "acme/goldem", "x"),
        "-m: found no folder acme/goldem; acme/goldem: found no such model",
        "did you mean acme/golden?");
    expect(run("run", "-m", "golden", "x"), "-m: found golden, ", "did you mean acme/golden?");
    expect(
        run("run", "--offline", "-m", "acme/other", "x"),
        "acme/other: not whole in " + cache,
        "akvavit pull acme/other");
    expect(run("rm", "--yes", "acme/other"), "acme/other: not in the cache");
    expect(run("rm", "--yes", MODEL + "@v2"), "found no revision v2 in the cache");
  }

  private static void expect(Invocation run, String... parts) {
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("akvavit: ").contains(parts).hasLineCount(1);
  }
}
