package dev.akvavit.server.page;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Scripts of {@code src/test/browser}, run by Node where there is one. */
final class NodeScripts {
  static final Path FOLDER = Path.of("src/test/browser").toAbsolutePath();
  private static final Path FETCHED = FOLDER.resolve("node_modules/playwright-core/package.json");

  private NodeScripts() {}

  static Path node() {
    Optional<Path> node = find("node");
    assumeTrue(node.isPresent(), "skipped: no node on the path");
    return node.orElseThrow();
  }

  /** Chromium as {@code CHROMIUM} names it, or as found on the path. */
  static Path chromium() {
    Optional<Path> named = Optional.ofNullable(System.getenv("CHROMIUM")).map(Path::of);
    Optional<Path> found =
        named.or(() -> find("chromium", "chromium-browser", "google-chrome", "chrome"));
    assumeTrue(
        found.isPresent(),
        "skipped: no chromium on the path; install it, or name one in the variable CHROMIUM");
    return found.orElseThrow();
  }

  static void requirePlaywright() {
    assumeTrue(
        Files.exists(FETCHED),
        "skipped: playwright-core is not fetched; run akvavit-server/src/test/browser/fetch.sh");
  }

  private static Optional<Path> find(String... names) {
    String[] folders = String.valueOf(System.getenv("PATH")).split(File.pathSeparator);
    return Stream.of(names)
        .flatMap(name -> Stream.of(folders).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What a script said on both streams, and how it ended. */
  record Outcome(int exitCode, List<String> lines) {}

  static Outcome run(List<String> command, Map<String, String> environment, Duration patience)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("akvavit-page", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("no end within " + patience + ": " + Files.readString(output));
      }
      return new Outcome(process.exitValue(), Files.readAllLines(output));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
