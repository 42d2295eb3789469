package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whatIsWrittenIsReadBackBitForBitAndAligned(long seed) {
    Random random = new Random(seed);
    SafetensorsWriter writer = new SafetensorsWriter().metadata("seed", "\"" + seed + "\"\n");
    Map<String, byte[]> expected = new HashMap<>();
    Map<String, long[]> shapes = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      DType dtype = DType.values()[random.nextInt(DType.Q8_0.ordinal())];
      long[] shape = random.longs(random.nextInt(5), 1, 7).toArray();
      long elements =
          IntStream.range(0, shape.length).mapToLong(d -> shape[d]).reduce(1, (a, b) -> a * b);
      byte[] bytes = new byte[(int) dtype.bytes(elements)];
      random.nextBytes(bytes);
      String name = "layers." + i + (i % 3 == 0 ? ".\"ø\"" : ".weight");
      expected.put(name, bytes);
      shapes.put(name, shape);
      writer.add(name, dtype, sink -> sink.write(MemorySegment.ofArray(bytes)), shape);
    }
    Path file = folder.resolve("model.safetensors");
    writer.write(file);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertThat(checkpoint.names()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      for (String name : checkpoint.names()) {
        StoredTensor tensor = checkpoint.tensor(name);
        assertThat(tensor.shape()).isEqualTo(shapes.get(name));
        assertThat(tensor.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected.get(name));
        assertThat(tensor.bytes().address() % tensor.dtype().bytes(1)).as("seed %d", seed).isZero();
        assertThat(tensor.bytes().isReadOnly()).isTrue();
      }
    }
    assertThat(folder.toFile().list())
        .as("nothing is left over")
        .containsExactly(file.getFileName().toString());
  }

  @Test
  void tensorsOfMoreThanOneChunkArriveWhole() {
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path file = folder.resolve("big.safetensors");
    new SafetensorsWriter().add("big", DType.F32, values, 700_001).write(file);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      MemorySegment bytes = checkpoint.tensor("big").bytes();
      for (int i = 0; i < values.length; i++) {
        if (NumberFormats.read(bytes, DType.F32, i) != i) {
          assertThat(NumberFormats.read(bytes, DType.F32, i)).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void floatsAreRounded() {
    Path file = folder.resolve("rounded.safetensors");
    new SafetensorsWriter().add("x", DType.F8_E4M3, new float[] {1.06f, -500}, 2).write(file);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      MemorySegment bytes = checkpoint.tensor("x").bytes();
      assertThat(NumberFormats.read(bytes, DType.F8_E4M3, 0)).isEqualTo(1);
      assertThat(NumberFormats.read(bytes, DType.F8_E4M3, 1)).isEqualTo(-448);
    }
  }

  @Test
  void mistakesAreRefusedAndLeaveTheOldFile() throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter().add("x", DType.F32, new float[1], 1);
    for (String name : List.of("x", "__metadata__")) {
      assertThatThrownBy(() -> writer.add(name, DType.F32, new float[1], 1))
          .hasMessageContaining(name);
    }
    assertThatThrownBy(() -> writer.add("y", DType.F32, new float[0], 0)).hasMessageContaining("y");
    Path file = folder.resolve("old.safetensors");
    Files.writeString(file, "old");
    assertThatThrownBy(() -> writer.add("y", DType.F32, new float[3], 2).write(file))
        .hasMessageContaining("12 bytes given, 8 announced");
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("old.safetensors");
  }
}
