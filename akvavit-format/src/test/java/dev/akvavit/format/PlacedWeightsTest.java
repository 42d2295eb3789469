package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.core.Weight;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacedWeightsTest {
  @TempDir Path folder;

  private final HostBackend backend = new HostBackend();
  private final SafetensorsWriter writer = new SafetensorsWriter();

  @Test
  void aMatrixIsMappedOnceAndNotCopied() throws IOException {
    writer.add("w", DType.BF16, ramp(6), 2, 3);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      Weight matrix = weights.matrix("w", 2, 3);
      assertThat(matrix)
          .isEqualTo(Weight.dense("w", DType.BF16, 2, 3, weights.matrix("w", 2, 3).data(), null));
      assertThat(backend.placed).hasSize(1);
      assertThat(bytes(matrix.data()).address())
          .isEqualTo(checkpoint.tensor("w").bytes().address());
    }
  }

  @Test
  void aStackMayBeStoredInTwoOrThreeDimensions() throws IOException {
    writer.add("flat", DType.F32, ramp(24), 6, 4).add("deep", DType.F32, ramp(24), 3, 2, 4);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      for (String name : new String[] {"flat", "deep"}) {
        Weight stack = weights.stack(name, 3, 2, 4);
        assertThat(stack.heads()).isEqualTo(3);
        assertThat(stack.storedRow(5)).isEqualTo(5);
        assertThat(stack.head(2).storedRow(0)).isEqualTo(4);
        assertThat(stack.elements()).isEqualTo(24);
      }
      assertThat(weights.matrix("flat", 6, 4).split(3).storedRow(4))
          .isEqualTo(weights.stack("flat", 3, 2, 4).storedRow(4));
    }
  }

  @Test
  void vectorsOfEveryFloatTypeBecomeF32() throws IOException {
    float[] values = {1, -2.5f, 0.125f};
    writer.add("a", DType.F32, values, 3).add("b", DType.F16, values, 3);
    writer.add("c", DType.BF16, values, 3).add("d", DType.F8_E4M3, values, 3);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      for (String name : new String[] {"a", "b", "c"}) {
        Weight vector = weights.vector(name, 3);
        assertThat(vector.dtype()).isEqualTo(DType.F32);
        assertThat(bytes(vector.data()).address() % 64).isZero();
        assertThat(floats(vector.data())).as(name).containsExactly(values);
        assertThat(weights.vector(name, 3).data()).isSameAs(vector.data());
      }
      assertThatThrownBy(() -> weights.vector("d", 3))
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessageContaining("vector d");
    }
  }

  @Test
  void fp8FindsOneFactorForEachBlock() throws IOException {
    writer.add("w.weight", DType.F8_E4M3, ramp(15), 3, 5);
    writer.add("w.weight_scale_inv", DType.BF16, new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    String config =
        "{\"quantization_config\": {\"quant_method\": \"fp8\", \"weight_block_size\": [2, 2]}}";
    try (Checkpoint checkpoint = open(config)) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      BlockScale scale = weights.matrix("w.weight", 3, 5).scale();
      assertThat(scale.blockRows()).isEqualTo(2);
      assertThat(scale.blockColumns()).isEqualTo(2);
      float[] factors = floats(scale.data());
      assertThat(factors[(int) scale.at(0, 1)]).isEqualTo(1);
      assertThat(factors[(int) scale.at(1, 4)]).isEqualTo(3);
      assertThat(factors[(int) scale.at(2, 0)]).isEqualTo(4);
      assertThat(factors[(int) scale.at(2, 4)]).isEqualTo(6);
      assertThat(weights.unused()).isEmpty();
      assertThat(checkpoint.config().unread()).isEmpty();
    }
  }

  @Test
  void fp8MayHaveOneFactorForAll() throws IOException {
    writer.add("a.weight", DType.F8_E4M3, ramp(60_000), 200, 300);
    writer.add("a.weight_scale", DType.F32, new float[] {0.5f});
    writer.add("b.weight", DType.F8_E4M3, ramp(60_000), 200, 300);
    writer.add("b.weight_scale_inv", DType.F32, new float[] {0.25f}, 1);
    try (Checkpoint checkpoint = open("{\"quantization_config\": {\"quant_method\": \"fp8\"}}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      for (String name : new String[] {"a.weight", "b.weight"}) {
        BlockScale scale = weights.matrix(name, 200, 300).scale();
        assertThat(scale.at(199, 299)).isZero();
        assertThat(floats(scale.data())).hasSize(1);
      }
    }
  }

  @Test
  void wrongShapesNameTensorFoundAndRequired() throws IOException {
    writer.add("w", DType.F32, ramp(6), 2, 3).add("v", DType.F32, ramp(3), 3);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      assertWrong(() -> weights.matrix("w", 3, 2), "shape of w: found [2, 3], allowed: [3, 2]");
      assertWrong(() -> weights.matrix("v", 3, 1), "shape of v: found [3], allowed: [3, 1]");
      assertWrong(() -> weights.vector("w", 6), "shape of w: found [2, 3], allowed: [6]");
      assertWrong(
          () -> weights.stack("w", 3, 2, 1),
          "shape of w: found [2, 3], allowed: [3, 2, 1] or [6, 1]");
      assertWrong(() -> weights.matrix("z", 4, 5), "z: found absent, allowed: a tensor [4, 5]");
      assertThat(backend.placed).isEmpty();
    }
  }

  @Test
  void fp8WithoutItsFactorsIsRefused() throws IOException {
    writer.add("w.weight", DType.F8_E4M3, ramp(6), 2, 3);
    writer.add("x.weight", DType.F8_E4M3, ramp(6), 2, 3);
    writer.add("x.weight_scale_inv", DType.F32, ramp(2), 1, 2);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      assertWrong(
          () -> weights.matrix("w.weight", 2, 3),
          "w.weight_scale_inv: found absent, allowed: a tensor [1, 1]");
      assertWrong(
          () -> weights.matrix("x.weight", 2, 3),
          "shape of x.weight_scale_inv: found [1, 2], allowed: [1, 1], or a single factor");
    }
  }

  @Test
  void otherQuantisationsAreNamed() throws IOException {
    writer.add("w", DType.I32, sink -> sink.write(MemorySegment.ofArray(new byte[4])), 1, 1);
    for (String setting : new String[] {"\"quant_method\": \"gptq\"", "\"fmt\": \"e5m2\""}) {
      try (Checkpoint checkpoint = open("{\"quantization_config\": {" + setting + "}}")) {
        assertThatThrownBy(() -> new PlacedWeights(checkpoint, backend))
            .isInstanceOf(UnsupportedModelException.class)
            .hasMessageContaining("quantization_config.")
            .hasMessageContaining(setting.replaceAll(".*\"(\\w+)\"$", "$1"));
      }
    }
    try (Checkpoint checkpoint =
        open("{\"quantization_config\": {\"weight_block_size\": [128, 0]}}")) {
      assertWrong(() -> new PlacedWeights(checkpoint, backend), "found [128, 0]");
    }
    try (Checkpoint checkpoint = open("{}")) {
      assertThatThrownBy(() -> new PlacedWeights(checkpoint, backend).matrix("w", 1, 1))
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessageContaining("I32");
    }
  }

  @Test
  void whatIsNeverAskedForIsListed() throws IOException {
    writer.add("used", DType.F32, ramp(1), 1).add("mtp", DType.F32, ramp(1), 1);
    try (Checkpoint checkpoint = open("{}")) {
      PlacedWeights weights = new PlacedWeights(checkpoint, backend);
      weights.vector("used", 1);
      assertThat(weights.has("mtp")).isTrue();
      assertThat(weights.unused()).containsExactly("mtp");
    }
  }

  private Checkpoint open(String config) throws IOException {
    writer.write(folder.resolve("model.safetensors"));
    Files.writeString(folder.resolve("config.json"), config);
    return Checkpoint.open(folder);
  }

  private static void assertWrong(Runnable call, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(message);
  }

  private static MemorySegment bytes(Buffer buffer) {
    return ((HostBackend.HostBuffer) buffer).bytes();
  }

  private static float[] floats(Buffer buffer) {
    float[] values = new float[(int) buffer.byteSize() / 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = NumberFormats.read(bytes(buffer), DType.F32, i);
    }
    return values;
  }

  private static float[] ramp(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = i;
    }
    return values;
  }
}
