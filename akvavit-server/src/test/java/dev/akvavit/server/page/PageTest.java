package dev.akvavit.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.akvavit.ModelOptions;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.server.AkvavitServer;
import dev.akvavit.server.options.ModelSource;
import dev.akvavit.server.options.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser: {@code src/test/browser/drive.mjs} drives Chromium against two
 * servers, one with the shipped model, one with the same model made to chat, behind a key. Pictures
 * are kept in {@code target/screenshots}.
 */
class PageTest {
  private static final String KEY = "a key of the page's test";
  private static final String TEMPLATE =
      """
      {{ bos_token }}{% for m in messages %}{{ m.content }}
      {% endfor %}\
      """;

  @TempDir private static Path folder;

  /** Each check of the script is a test here. */
  @TestFactory
  Stream<DynamicTest> thePageInChromium() throws Exception {
    Path node = NodeScripts.node();
    Path chromium = NodeScripts.chromium();
    NodeScripts.requirePlaywright();
    try (AkvavitServer completes = AkvavitServer.start(completing());
        AkvavitServer chats = AkvavitServer.start(chatting())) {
      NodeScripts.Outcome outcome =
          NodeScripts.run(
              List.of(
                  node.toString(),
                  "drive.mjs",
                  chromium.toString(),
                  Path.of("target/screenshots").toAbsolutePath().toString(),
                  "http://127.0.0.1:" + completes.port(),
                  "http://127.0.0.1:" + chats.port(),
                  KEY),
              Map.of(),
              Duration.ofMinutes(8));
      assertThat(outcome.exitCode()).as(() -> String.join("\n", outcome.lines())).isZero();
      List<DynamicTest> checks =
          outcome.lines().stream()
              .filter(line -> line.startsWith("ok ") || line.startsWith("FAIL "))
              .map(PageTest::check)
              .toList();
      assertThat(checks).hasSizeGreaterThan(20);
      return checks.stream();
    }
  }

  private static DynamicTest check(String line) {
    boolean passed = line.startsWith("ok ");
    String name = passed ? line.substring(3) : line.substring(5).replaceFirst(": .*", "");
    return DynamicTest.dynamicTest(
        name,
        () -> {
          if (!passed) {
            fail(line);
          }
        });
  }

  private static ServerOptions completing() {
    ModelOptions options = ModelOptions.DEFAULT.withContext(4096);
    return ServerOptions.of(
        List.of(new ModelSource("akvavit-java-tiny", DefaultModel.folder(), options)));
  }

  private static ServerOptions chatting() throws IOException {
    try (Stream<Path> files = Files.list(DefaultModel.folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
    ModelOptions options = ModelOptions.DEFAULT.withContext(512);
    ServerOptions open = ServerOptions.of(List.of(new ModelSource("tiny-chat", folder, options)));
    return new ServerOptions(
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
        open.log());
  }

  /** The page's modules that need no browser, under Node's own test runner. */
  @Test
  void theModulesWithoutABrowser(@TempDir Path copy) throws Exception {
    Path node = NodeScripts.node();
    try (Stream<Path> files = Files.list(PageResources.FOLDER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Files.writeString(copy.resolve("package.json"), "{\"type\": \"module\"}");
    NodeScripts.Outcome outcome =
        NodeScripts.run(
            List.of(node.toString(), "--test", "unit/"),
            Map.of("PAGE", copy.toString()),
            Duration.ofMinutes(2));
    assertThat(outcome.exitCode()).as(() -> String.join("\n", outcome.lines())).isZero();
    assertThat(outcome.lines()).anyMatch(line -> line.startsWith("# pass "));
  }
}
