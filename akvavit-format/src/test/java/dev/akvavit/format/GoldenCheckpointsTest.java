package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.DType;
import dev.akvavit.core.Limits;
import dev.akvavit.core.Weight;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files written by the reference implementation, not by ours. */
class GoldenCheckpointsTest {
  static List<Path> folders() throws IOException {
    List<Path> roots =
        List.of(
            Path.of("../akvavit-testkit/src/main/resources/golden"),
            Path.of(System.getProperty("akvavit.shared", "../../shared")).resolve("golden"));
    for (Path root : roots) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> folders = Files.list(root)) {
          return folders.filter(Files::isDirectory).sorted().toList();
        }
      }
    }
    return List.of(Path.of("absent"));
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyTensorIsThereAndBothConfigsAreRead(Path folder) {
    assumeTrue(Files.isDirectory(folder), "golden checkpoints are not here");
    for (String config : List.of("config.json", "config.hub.json")) {
      try (Checkpoint checkpoint = Checkpoint.open(folder, Limits.DEFAULT, config)) {
        assertThat(checkpoint.config().texts("architectures")).hasSize(1);
        assertThat(checkpoint.config().integer("vocab_size")).isPositive();
        assertThat(checkpoint.config().unread())
            .contains("model_type")
            .doesNotContain("architectures", "vocab_size");
        assertThat(checkpoint.names()).isNotEmpty();
        for (String name : checkpoint.names()) {
          StoredTensor tensor = checkpoint.tensor(name);
          assertThat(tensor.bytes().byteSize()).isEqualTo(tensor.dtype().bytes(tensor.elements()));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void theReferenceOutputsOpenAsASingleFile(Path folder) {
    assumeTrue(Files.isDirectory(folder), "golden checkpoints are not here");
    try (Checkpoint golden = Checkpoint.open(folder.resolve("golden.safetensors"))) {
      assertThat(golden.names()).isNotEmpty();
      assertThat(golden.config().has("architectures")).isTrue();
      assertThat(golden.names().stream().map(golden::tensor).map(StoredTensor::dtype))
          .isSubsetOf(DType.F32, DType.I32);
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyFp8MatrixFindsItsFactors(Path folder) {
    assumeTrue(Files.isDirectory(folder), "golden checkpoints are not here");
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        PlacedWeights weights = new PlacedWeights(checkpoint, new HostBackend())) {
      for (String name : checkpoint.names()) {
        long[] shape = checkpoint.tensor(name).shape();
        if (checkpoint.tensor(name).dtype() == DType.F8_E4M3) {
          Weight weight = weights.matrix(name, (int) shape[0], (int) shape[1]);
          assertThat(weight.scale()).as(name).isNotNull();
          HostBackend.HostBuffer factors = (HostBackend.HostBuffer) weight.scale().data();
          float last =
              factors
                  .bytes()
                  .getAtIndex(
                      ValueLayout.JAVA_FLOAT, weight.scale().at(shape[0] - 1, (int) shape[1] - 1));
          assertThat(last).as(name).isPositive();
        }
      }
      assertThat(weights.unused().stream().filter(name -> name.endsWith("_scale_inv"))).isEmpty();
    }
  }
}
