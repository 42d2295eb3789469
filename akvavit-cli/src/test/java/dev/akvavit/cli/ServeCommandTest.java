package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code akvavit serve} as a process of its own: what it says, and how it ends. */
class ServeCommandTest {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");
  private static final int STREAMS = 6;

  private static Process start(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.akvavit.cli.Main",
                "serve"));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Reads what it says until it names its address. */
  private static String address(BufferedReader said) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      all.append(line).append('\n');
      Matcher address = ADDRESS.matcher(line);
      if (line.contains("akvavit serves") && address.find()) {
        return address.group();
      }
    }
    throw new AssertionError("no address: " + all);
  }

  @Test
  void sigtermUnderLoadEndsEveryStreamProperly() throws Exception {
    Process process = start("--port", "0", "--context", "512", "--slots", "4");
    try (BufferedReader said = process.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      String address = address(said);
      CountDownLatch begun = new CountDownLatch(2);
      List<CompletableFuture<String>> streams = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        streams.add(CompletableFuture.supplyAsync(() -> stream(client, address, begun)));
      }
      assertThat(begun.await(2, TimeUnit.MINUTES)).isTrue();
      process.destroy(); // SIGTERM
      for (CompletableFuture<String> stream : streams) {
        assertThat(stream.get(3, TimeUnit.MINUTES))
            .matches(last -> last.equals("[DONE]") || last.contains("\"error\""));
      }
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 15); // ended by SIGTERM, as asked
    } finally {
      process.destroyForcibly();
    }
  }

  /** The data of a stream's last event. */
  private static String stream(HttpClient client, String address, CountDownLatch begun) {
    String body = "{\"prompt\": \"public class \", \"max_tokens\": 40, \"stream\": true}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        return lines
            .peek(line -> begun.countDown())
            .filter(line -> line.startsWith("data: ") || line.startsWith("{"))
            .map(line -> line.startsWith("data: ") ? line.substring(6) : line)
            .reduce("", (first, second) -> second);
      }
    } catch (IOException e) {
      throw new AssertionError("a stream was torn", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anotherAddressNeedsAKey() {
    Invocation refused = Invocation.of("serve", "--host", "0.0.0.0", "--port", "0");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("--host: found 0.0.0.0 without a key").contains("--api-key");
    Invocation weak = Invocation.of("serve", "--api-key", "short");
    assertThat(weak.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(weak.err()).contains("--api-key: found one of 5 characters, allowed: 8 or more");
  }

  @Test
  void helpShowsHowToBegin() {
    assertThat(Invocation.of("serve", "--help").out())
        .contains("akvavit serve", "curl http://127.0.0.1:8080/v1/completions", "--metrics-compat");
  }
}
