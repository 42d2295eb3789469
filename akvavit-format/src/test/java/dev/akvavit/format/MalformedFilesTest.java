package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.akvavit.core.DType;
import dev.akvavit.core.MalformedFileException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kind of malformed file, a thousand times each, ends in an error that names file and field.
 * {@code -Dmalformed.seeds} asks for more.
 */
class MalformedFilesTest {
  private static final int SEEDS = Integer.getInteger("malformed.seeds", 1_000);

  /**
   * Opening a folder costs more than all checks: what the index alone betrays goes that way rarely.
   */
  private static final int SEEDS_A_FOLDER = 50;

  @TempDir static Path folder;

  @Test
  void theDraftsAreValidUntilSpoilt() {
    for (long seed = 0; seed < SEEDS; seed++) {
      SafetensorsDraft draft = new SafetensorsDraft(new Random(seed));
      MemorySegment bytes = MemorySegment.ofArray(draft.bytes());
      assertThat(Safetensors.read(bytes, "draft", MalformedSafetensors.LIMITS).size())
          .isEqualTo(draft.rows.size());
      GgufDraft gguf = new GgufDraft(new Random(seed));
      bytes = MemorySegment.ofArray(gguf.bytes());
      assertThat(Gguf.read(bytes, "draft", MalformedGguf.LIMITS).tensors())
          .hasSize(gguf.rows.size());
      String json = JsonDraft.object(new Random(seed));
      assertThat(JsonConfig.parse(json, "draft", MalformedJson.LIMITS).has("key_0")).isNotNull();
      json = JsonDraft.around(new Random(seed), "[{}, \"\"]");
      assertThat(JsonConfig.parse(json, "draft", MalformedJson.LIMITS).has("bad")).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void safetensors(MalformedSafetensors kind) {
    for (long seed = 0; seed < SEEDS; seed++) {
      MemorySegment bytes = MemorySegment.ofArray(kind.make(seed));
      assertRefused(seed, () -> Safetensors.read(bytes, "some.file", MalformedSafetensors.LIMITS));
    }
  }

  @ParameterizedTest
  @EnumSource
  void gguf(MalformedGguf kind) {
    for (long seed = 0; seed < SEEDS; seed++) {
      MemorySegment bytes = MemorySegment.ofArray(kind.make(seed));
      assertRefused(seed, () -> Gguf.read(bytes, "some.file", MalformedGguf.LIMITS));
    }
  }

  @ParameterizedTest
  @EnumSource
  void jsonOfConfigAndIndex(MalformedJson kind) {
    for (long seed = 0; seed < SEEDS; seed++) {
      ByteArrayInputStream bytes = new ByteArrayInputStream(kind.make(seed));
      assertRefused(seed, () -> JsonConfig.read(bytes, "some.file", MalformedJson.LIMITS));
      bytes.reset();
      assertRefused(
          seed,
          () -> {
            Json json = Json.read(bytes, "some.file", MalformedJson.LIMITS);
            ShardIndex.of(json, "some.file", MalformedJson.LIMITS);
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void config(MalformedConfig kind) {
    for (long seed = 0; seed < SEEDS; seed++) {
      JsonConfig config = JsonConfig.parse(kind.make(seed), "some.file", MalformedJson.LIMITS);
      MalformedFileException e = assertRefused(seed, () -> kind.question.accept(config));
      assertThat(e.field()).contains("it");
    }
  }

  @ParameterizedTest
  @EnumSource
  void index(MalformedIndex kind) throws IOException {
    Path shards = folder.resolve("some.file");
    Path index = shards.resolve("model.safetensors.index.json");
    Files.writeString(index, MalformedIndex.index("a.safetensors", "b.safetensors", "z"));
    try (Checkpoint valid = Checkpoint.open(shards)) {
      assertThat(valid.names()).containsExactly("x", "y", "z");
    }
    for (long seed = 0; seed < SEEDS; seed++) {
      String text = kind.make(seed);
      boolean alone = kind.compareTo(MalformedIndex.SHARD_ABSENT) < 0;
      if (alone) {
        Json json = Json.parse(text, "some.file", MalformedJson.LIMITS);
        assertRefused(seed, () -> ShardIndex.of(json, "some.file", MalformedJson.LIMITS));
      }
      if (!alone || seed % SEEDS_A_FOLDER == 0) {
        Files.writeString(index, text);
        assertRefused(seed, () -> Checkpoint.open(shards, MalformedJson.LIMITS).close());
      }
    }
  }

  @BeforeAll
  static void writeShards() throws IOException {
    Path shards = Files.createDirectory(folder.resolve("some.file"));
    Files.writeString(shards.resolve("config.json"), "{}");
    SafetensorsWriter a = new SafetensorsWriter();
    a.add("x", DType.F32, new float[1], 1).add("y", DType.F32, new float[1], 1);
    a.write(shards.resolve("a.safetensors"));
    Files.writeString(shards.resolve(".a.safetensors"), "");
    Files.copy(shards.resolve("a.safetensors"), shards.resolveSibling("a.safetensors"));
    Files.createDirectories(shards.resolve("sub"));
    Files.copy(shards.resolve("a.safetensors"), shards.resolve("sub/a.safetensors"));
    Files.createDirectories(shards.resolve("folder.safetensors"));
    new SafetensorsWriter()
        .add("z", DType.F32, new float[1], 1)
        .write(shards.resolve("b.safetensors"));
    new SafetensorsWriter()
        .add("y", DType.F32, new float[1], 1)
        .write(shards.resolve("copy.safetensors"));
    Files.write(shards.resolve("empty.safetensors"), new byte[0]);
    Files.writeString(shards.resolve("damaged.safetensors"), "x".repeat(100));
  }

  private static MalformedFileException assertRefused(long seed, Runnable open) {
    try {
      open.run();
    } catch (MalformedFileException e) {
      boolean named = e.file().contains("some.file") && !e.field().isBlank();
      boolean shaped =
          e.getMessage().contains(": found ") && e.getMessage().contains(", allowed: ");
      if (named && shaped && e.getMessage().length() < 1_500) {
        return e;
      }
      throw new AssertionError("seed " + seed + ": a message that does not help", e);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed, e);
    }
    return fail("opened, seed " + seed);
  }
}
