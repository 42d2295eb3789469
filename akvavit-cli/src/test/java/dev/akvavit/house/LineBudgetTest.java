package dev.akvavit.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The house stays small: a reader should be able to know all of it. Only an ADR raises these
 * figures.
 */
class LineBudgetTest {
  private static final int TOTAL = 76_500;
  private static final int FILE = 450;
  private static final int HEADER = 60; // where a longer file has to give its reason

  private final Map<Path, List<String>> sources = mainSources();

  LineBudgetTest() throws IOException {}

  @Test
  void allMainCodeFitsTheBudget() {
    int lines = sources.values().stream().mapToInt(List::size).sum();
    assertThat(lines).as("lines of main code").isBetween(1_000, TOTAL);
  }

  @Test
  void aLongFileGivesItsReason() {
    List<String> unexplained =
        sources.entrySet().stream()
            .filter(file -> file.getValue().size() > FILE)
            .filter(file -> !explains(file.getValue().subList(0, HEADER)))
            .map(file -> file.getKey() + ": " + file.getValue().size() + " lines")
            .toList();
    assertThat(unexplained)
        .as("files over %d lines whose header does not say 'reason:'", FILE)
        .isEmpty();
  }

  private static boolean explains(List<String> header) {
    return header.stream().anyMatch(line -> line.contains("reason:"));
  }

  private static Map<Path, List<String>> mainSources() throws IOException {
    List<Path> roots = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      modules
          .filter(module -> module.getFileName().toString().startsWith("akvavit-"))
          .map(module -> module.resolve("src/main/java"))
          .filter(Files::isDirectory)
          .forEach(roots::add);
    }
    Map<Path, List<String>> sources = new TreeMap<>();
    for (Path root : roots) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
          sources.put(file, Files.readAllLines(file));
        }
      }
    }
    return sources;
  }
}
