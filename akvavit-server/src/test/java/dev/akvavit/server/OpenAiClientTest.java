package dev.akvavit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * OpenAI's client for Node against the server: {@code src/test/node}, fetched once by {@code npm
 * ci}. Skipped with a message where there is no Node, no npm or no network.
 */
class OpenAiClientTest {
  private static final Path SOURCES = Path.of("src/test/node");
  private static final Path WORK = Path.of("target/node");
  private static final String GENERATIONS = System.getProperty("akvavit.client.generations", "200");

  @Test
  void openAisOwnClientUnderstandsEverything() throws Exception {
    assumeTrue(run(Path.of("."), Map.of(), "node", "--version").success(), "no node here");
    fetch();
    try (TestServer server = TestServer.start()) {
      Outcome outcome =
          run(
              WORK,
              Map.of("AKVAVIT_URL", server.address(), "AKVAVIT_GENERATIONS", GENERATIONS),
              "node",
              "--test",
              "--test-reporter=spec",
              "client.test.mjs");
      assertThat(outcome.success()).as(outcome.output()).isTrue();
    }
  }

  private static void fetch() throws Exception {
    Files.createDirectories(WORK);
    boolean fresh =
        Files.exists(WORK.resolve("node_modules/openai"))
            && same("package-lock.json")
            && same("package.json");
    for (String file : List.of("package.json", "package-lock.json", "client.test.mjs")) {
      Files.write(WORK.resolve(file), Files.readAllBytes(SOURCES.resolve(file)));
    }
    if (!fresh) {
      Outcome npm = run(WORK, Map.of(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
      assumeTrue(npm.success(), "npm ci failed (no npm, or no network): " + npm.output());
    }
  }

  private static boolean same(String file) throws IOException {
    return Files.exists(WORK.resolve(file))
        && Files.mismatch(WORK.resolve(file), SOURCES.resolve(file)) < 0;
  }

  private record Outcome(boolean success, String output) {}

  private static Outcome run(Path folder, Map<String, String> environment, String... command)
      throws InterruptedException {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor() == 0, output);
    } catch (IOException e) {
      return new Outcome(false, e.toString());
    }
  }
}
