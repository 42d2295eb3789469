package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of FP8 in several files is one checkpoint with the values it was made from. */
class ShardedWriterTest {
  private static final String GATE = "model.layers.0.mlp.gate_proj.weight";
  private static final String ROUTER = "model.layers.0.mlp.gate.weight";
  private static final long SEED = 20_261_122;

  private static final Fp8Folder.Text NO_TEXT = folder -> {};

  @TempDir Path temp;

  @Test
  void shardsAndTheirIndex() throws IOException {
    Path source = source();
    Path target = temp.resolve("target");
    Map<String, Double> errors = new HashMap<>();
    try (Checkpoint whole = Checkpoint.open(source)) {
      Fp8Folder.write(
          whole, source, target, 60_000, (n, type, bytes, e) -> errors.put(n, e), NO_TEXT);
      assertThat(target.resolve(ShardIndex.FILE_NAME)).exists();
      assertThat(target.resolve("model-00001-of-00002.safetensors")).exists();
      assertThat(target.resolve("tokenizer.json")).hasContent("{}");
      assertThat(target.resolve("note.bin")).doesNotExist();
      assertThat(temp.resolve("target.part")).doesNotExist();
      try (Checkpoint small = Checkpoint.open(target)) {
        StoredTensor gate = small.tensor(GATE);
        assertThat(gate.dtype()).isEqualTo(DType.F8_E4M3);
        assertThat(small.tensor(GATE + "_scale_inv").shape()).containsExactly(2, 3);
        assertThat(small.tensor(ROUTER).dtype()).isEqualTo(DType.F32);
        assertThat(small.config().section("quantization_config").texts("modules_to_not_convert"))
            .containsExactly("model.layers.0.mlp.gate");
        assertThat(relative(whole, small)).isLessThan(0.04).isEqualTo(errors.get(GATE));
      }
    }
  }

  @Test
  void refusals() throws IOException {
    Path source = source();
    try (Checkpoint whole = Checkpoint.open(source)) {
      assertThatThrownBy(
              () -> Fp8Folder.write(whole, source, source, 1, (n, t, b, e) -> {}, NO_TEXT))
          .hasMessageContaining("exists");
    }
    Path bare = Files.createDirectories(temp.resolve("bare"));
    new SafetensorsWriter()
        .add("x.weight", DType.F32, new float[4], 2, 2)
        .write(bare.resolve("model.safetensors"));
    Files.writeString(bare.resolve("config.json"), "{}");
    try (Checkpoint none = Checkpoint.open(bare)) {
      Path target = temp.resolve("none");
      assertThatThrownBy(() -> Fp8Folder.write(none, bare, target, 1, (n, t, b, e) -> {}, NO_TEXT))
          .isInstanceOf(UnsupportedModelException.class);
      assertThat(target).doesNotExist();
      assertThat(temp.resolve("none.part")).doesNotExist();
    }
  }

  private Path source() throws IOException {
    Path source = Files.createDirectories(temp.resolve("source"));
    Files.writeString(source.resolve("config.json"), "{\"model_type\": \"draft\"}\n");
    Files.writeString(source.resolve("tokenizer.json"), "{}");
    Files.writeString(source.resolve("note.bin"), "weights of another kind");
    new SafetensorsWriter()
        .add(GATE, DType.F32, random(200 * 300), 200, 300)
        .add(ROUTER, DType.F32, random(8 * 300), 8, 300)
        .write(source.resolve("model.safetensors"));
    return source;
  }

  private static float[] random(int count) {
    Random random = new Random(SEED);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * (i % 7 == 0 ? 1e-4 : 1));
    }
    return values;
  }

  private static double relative(Checkpoint whole, Checkpoint small) {
    StoredTensor exact = whole.tensor(GATE);
    FloatRows rows = FloatRows.of(small, GATE, false);
    float[] row = new float[300];
    double squares = 0;
    double errors = 0;
    for (int r = 0; r < 200; r++) {
      rows.read(r, row);
      for (int i = 0; i < 300; i++) {
        float x = NumberFormats.read(exact.bytes(), DType.F32, r * 300L + i);
        squares += (double) x * x;
        errors += ((double) x - row[i]) * ((double) x - row[i]);
      }
    }
    return Math.sqrt(errors / squares);
  }
}
