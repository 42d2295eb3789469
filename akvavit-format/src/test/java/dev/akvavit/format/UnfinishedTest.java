package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is being written appears whole or not at all. */
class UnfinishedTest {
  @TempDir Path folder;

  @Test
  void takesTheNameWhenWhole() throws IOException {
    Path target = Files.writeString(folder.resolve("a"), "old");
    try (Unfinished made = Unfinished.at(target)) {
      Files.writeString(made.part(), "new");
      assertThat(target).hasContent("old");
      made.finish();
    }
    assertThat(target).hasContent("new");
    assertThat(folder.toFile().list()).containsExactly("a");
  }

  @Test
  void isDeletedWhenItFails() throws IOException {
    try (Unfinished made = Unfinished.at(folder.resolve("a"))) {
      Files.writeString(Files.createDirectories(made.part()).resolve("b"), "half");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void isDeletedWhenTheProcessIsToldToEnd() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Endless.class.getName(),
                folder.resolve("a").toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (InputStream out = process.getInputStream();
        BufferedReader lines = process.inputReader()) {
      assertThat(lines.readLine()).isEqualTo("half written");
      assertThat(folder).isNotEmptyDirectory();
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(folder).isEmptyDirectory();
  }

  /** Writes half of a folder and never ends by itself. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws Exception {
      try (Unfinished made = Unfinished.at(Path.of(args[0]))) {
        Files.writeString(Files.createDirectories(made.part()).resolve("b"), "half");
        System.out.println("half written");
        new CountDownLatch(1).await();
      }
    }
  }

  @Test
  void aFailureSaysWhatToMend() throws IOException {
    Path taken = Files.createDirectory(folder.resolve("taken"));
    assertThatThrownBy(() -> TensorFile.write(taken, _ -> {}))
        .hasMessage(taken + " cannot be written: a folder has that name");
    Path nowhere = folder.resolve("no").resolve("a");
    assertThatThrownBy(() -> TensorFile.write(nowhere, _ -> {}))
        .hasMessage(nowhere + " cannot be written: its folder does not exist");
    assertThat(folder.toFile().list()).containsExactly("taken");
  }
}
