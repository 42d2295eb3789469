package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VerificationTest {
  static Stream<String> checkpoints() throws IOException {
    try (Stream<Path> folders = Files.list(golden(""))) {
      return folders
          .filter(Files::isDirectory)
          .map(p -> p.getFileName().toString())
          .filter(n -> !n.equals("deepseek-v4"))
          .sorted()
          .toList()
          .stream();
    }
  }

  static Path golden(
      String name) { // by path: as a resource it would lie in a jar, which cannot be mapped
    return Path.of("../akvavit-testkit/src/main/resources/golden", name);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void goldenCheckpointsPass(String name) {
    for (String config : new String[] {"config.json", "config.hub.json"}) {
      Verification.Report report = Verification.run(golden(name), config, ModelOptions.DEFAULT);
      assertThat(report.checks())
          .extracting(Verification.Check::tensor)
          .contains("logits", "greedy_ids", "greedy_logits", "hidden.0");
      assertThat(report.checks()).allSatisfy(c -> assertThat(c.passed()).as(c.toString()).isTrue());
    }
  }

  @Test
  void anotherModelsValuesFail(@TempDir Path folder) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(golden("deepseek-v3").resolve(file), folder.resolve(file));
    }
    Files.copy(
        golden("deepseek-v3-noyarn").resolve("golden.safetensors"),
        folder.resolve("golden.safetensors"));
    assertThat(Verification.run(folder, "config.json", ModelOptions.DEFAULT).passed()).isFalse();
  }

  @Test
  void aFolderWithoutGoldenValuesIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> Verification.run(folder, "config.json", ModelOptions.DEFAULT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("golden.safetensors");
  }
}
