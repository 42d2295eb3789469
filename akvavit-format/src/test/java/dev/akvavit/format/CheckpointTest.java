package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;

  @Test
  void whatTheFormatAllowsIsAccepted() {
    String header =
        "{ \"late\" : {\"data_offsets\":[3,11],\"shape\":[ 1 ],\"dtype\":\"I64\"},\n"
            + "\t\"scalar\": {\"dtype\": \"F8_E4M3\", \"shape\": [], \"data_offsets\": [0, 1]},"
            + "\"\": {\"dtype\": \"F16\", \"shape\": [1, 1, 1, 1], \"data_offsets\": [1, 3]}}     ";
    Checkpoint checkpoint = of(header, new byte[11]);
    assertThat(checkpoint.names()).containsExactly("scalar", "", "late");
    assertThat(checkpoint.tensor("scalar").shape()).isEmpty();
    assertThat(checkpoint.tensor("scalar").elements()).isEqualTo(1);
    assertThat(checkpoint.tensor("").shape()).containsExactly(1, 1, 1, 1);
    assertThat(checkpoint.tensor("late").bytes().byteSize()).isEqualTo(8);
    assertThat(checkpoint.bytes()).isEqualTo(11);
    assertThat(of("{}", new byte[0]).names()).isEmpty();
    assertThat(of("{\"__metadata__\": {}}", new byte[0]).names()).isEmpty();
  }

  @Test
  void aTypeThatNobodyReadsIsAnErrorOnlyWhenAskedFor() {
    String mask = "{\"mask\": {\"dtype\": \"BOOL\", \"shape\": [8], \"data_offsets\": [0, 8]}}";
    Checkpoint checkpoint = of(mask, new byte[8]);
    assertThat(checkpoint.has("mask")).isTrue();
    assertThatThrownBy(() -> checkpoint.tensor("mask"))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageStartingWith(
            "f: dtype of mask = BOOL is not supported;"
                + " supported: F32, F16, BF16, F8_E4M3, I32, I64");
  }

  @Test
  void whatIsAbsentIsNamed() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("config.json");
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("nowhere")))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("nowhere");
    Files.writeString(folder.resolve("config.json"), "{}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("model.safetensors or model.safetensors.index.json");
    assertThatThrownBy(() -> Checkpoint.open(folder, Limits.DEFAULT, "config.hub.json"))
        .hasMessageContaining("config.hub.json");
    assertThatThrownBy(() -> of("{}", new byte[0]).tensor("x"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith("f: x: found absent");
  }

  @Test
  void aSingleFileMayGoWithoutSettings() {
    Path file = folder.resolve("golden.safetensors");
    new SafetensorsWriter().add("x", DType.F32, new float[] {2}, 1).write(file);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertThat(checkpoint.tensor("x").is(1)).isTrue();
      assertThatThrownBy(checkpoint::config)
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("config.json");
    }
  }

  @Test
  void aTensorMayLieAtAnOddAddress() {
    String header =
        "{\"a\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]},"
            + "\"x\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [1, 9]}}";
    byte[] data = new byte[9];
    NumberFormats.write(MemorySegment.ofArray(data).asSlice(1), DType.F32, 1, 0.5f);
    Checkpoint checkpoint = of(header, data);
    assertThat(NumberFormats.read(checkpoint.tensor("x").bytes(), DType.F32, 1)).isEqualTo(0.5f);
    PlacedWeights weights = new PlacedWeights(checkpoint, new HostBackend());
    assertThat(weights.vector("x", 2).data().byteSize()).isEqualTo(8);
  }

  @Test
  void filesBeyondTwoGibibytesAreMapped() throws IOException {
    long elements = 3L << 30;
    String header =
        "{\"big\": {\"dtype\": \"F8_E4M3\", \"shape\": [3, %d], \"data_offsets\": [0, %d]}}"
            .formatted(elements / 3, elements);
    Path file = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(start.putLong(header.length()).put(header.getBytes()).flip());
      channel.write(ByteBuffer.wrap(new byte[] {0x38}), 8 + header.length() + elements - 1);
    }
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      MemorySegment big = checkpoint.tensor("big").bytes();
      assertThat(NumberFormats.read(big, DType.F8_E4M3, elements - 1)).isEqualTo(1);
      assertThat(NumberFormats.read(big, DType.F8_E4M3, elements - 2)).isZero();
    }
  }

  @Test
  void afterClosingNothingIsReadable() {
    Path file = folder.resolve("x.safetensors");
    new SafetensorsWriter().add("x", DType.F32, new float[] {2}, 1).write(file);
    Checkpoint checkpoint = Checkpoint.open(file);
    MemorySegment bytes = checkpoint.tensor("x").bytes();
    checkpoint.close();
    assertThatThrownBy(() -> NumberFormats.read(bytes, DType.F32, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aTensorThatTheIndexForgetsIsStillFound() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    new SafetensorsWriter()
        .add("x", DType.F32, new float[1], 1)
        .add("y", DType.F32, new float[1], 1)
        .write(folder.resolve("a.safetensors"));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\": {}, \"weight_map\": {\"x\": \"a.safetensors\"}}");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("x", "y");
    }
  }

  @Test
  void namesAreShownSafely() {
    SafetensorsDraft draft = new SafetensorsDraft(new Random(1));
    draft.any(new Random(1)).name = "\"" + "\\u001b[31m" + "n".repeat(5_000) + "\"";
    draft.any(new Random(1)).dtype = "\"\\u0007\"";
    assertThatThrownBy(
            () -> Safetensors.read(MemorySegment.ofArray(draft.bytes()), "f", Limits.DEFAULT))
        .hasMessageStartingWith("f: \\u001b[31mnnn")
        .hasMessageContaining("found \"\\u0007\"")
        .message()
        .hasSizeLessThan(600);
  }

  private static Checkpoint of(String header, byte[] data) {
    byte[] json = header.getBytes();
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + data.length);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).put(data);
    return Checkpoint.of(
        JsonConfig.parse("{}", "c", Limits.DEFAULT),
        MemorySegment.ofArray(file.array()),
        "f",
        Limits.DEFAULT);
  }
}
