package dev.akvavit.format;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's settings and its tensors, mapped from one safetensors file, from the shards of a folder
 * or from a GGUF file and its parts. Names and settings are Hugging Face's whatever the format.
 *
 * <p>Opening maps whole files and reads their headers; it copies no weights. All mappings share one
 * arena and vanish with {@link #close}: whoever still computes on them then gets an {@link
 * IllegalStateException}. A file must not be truncated while it is mapped, for the operating system
 * ends a process that reads past the new end.
 */
public final class Checkpoint implements AutoCloseable {
  /** The settings' usual file name. */
  public static final String CONFIG = "config.json";

  private static final String SINGLE = "model.safetensors";

  private final String origin;
  private final @Nullable JsonConfig config;
  private final @Nullable GgufMetadata gguf;
  private final Map<String, MappedTensor> tensors;
  private final Runnable release;

  private Checkpoint(
      String origin,
      @Nullable JsonConfig config,
      @Nullable GgufMetadata gguf,
      Map<String, MappedTensor> tensors,
      Runnable release) {
    this.origin = origin;
    this.config = config;
    this.gguf = gguf;
    this.tensors = tensors;
    this.release = release;
  }

  /** Opens a folder or a single file under {@link Limits#DEFAULT}. */
  public static Checkpoint open(Path path) {
    return open(path, Limits.DEFAULT);
  }

  /** Opens a folder or a single file with its {@value #CONFIG}. */
  public static Checkpoint open(Path path, Limits limits) {
    return open(path, limits, CONFIG);
  }

  /**
   * Opens a folder, or a single file, with settings of another name.
   *
   * @param path a folder with {@code model.safetensors} or {@code model.safetensors.index.json}, or
   *     a file; the first part of a split {@code .gguf}
   * @param configName the settings' file in the same folder; a single safetensors file may go
   *     without, a GGUF file has its own
   * @throws MalformedFileException when a file is absent or breaks a rule
   * @throws UnsupportedModelException for a GGUF file of an architecture that does not run
   */
  public static Checkpoint open(Path path, Limits limits, String configName) {
    if (GgufModel.isNamedSo(path) && !Files.isDirectory(path)) {
      return openGguf(path, limits);
    }
    boolean single = Files.isRegularFile(path);
    Path settings = single ? path.resolveSibling(configName) : path.resolve(configName);
    JsonConfig config =
        single && !Files.exists(settings) ? null : JsonConfig.read(settings, limits);
    Arena arena = Arena.ofShared();
    try {
      Map<String, MappedTensor> tensors =
          single ? map(path, arena, limits) : mapFolder(path, arena, limits);
      return new Checkpoint(path.toString(), config, null, tensors, arena::close);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  private static Checkpoint openGguf(Path path, Limits limits) {
    Arena arena = Arena.ofShared();
    try {
      GgufModel model = GgufModel.open(path, part -> bytes(part, arena), limits);
      return of(model, path.toString(), arena::close);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /**
   * A checkpoint that is in memory already, out of a jar for example.
   *
   * @param safetensors a whole file; the caller keeps it alive, {@link #close} leaves it alone
   * @param origin its name, for messages
   * @throws MalformedFileException when a rule is broken
   */
  public static Checkpoint of(
      JsonConfig config, MemorySegment safetensors, String origin, Limits limits) {
    Map<String, MappedTensor> tensors = Safetensors.read(safetensors.asReadOnly(), origin, limits);
    return new Checkpoint(origin, config, null, tensors, () -> {});
  }

  /**
   * A GGUF model that is in memory already.
   *
   * @param gguf a whole file; the caller keeps it alive, {@link #close} leaves it alone
   * @param origin its name, for messages
   * @throws MalformedFileException when a rule is broken
   * @throws UnsupportedModelException for an architecture that does not run
   */
  public static Checkpoint of(MemorySegment gguf, String origin, Limits limits) {
    GgufModel model = GgufModel.of(Gguf.read(gguf.asReadOnly(), origin, limits), origin);
    return of(model, origin, () -> {});
  }

  private static Checkpoint of(GgufModel model, String origin, Runnable release) {
    Map<String, MappedTensor> tensors = GgufNames.canonical(model);
    return new Checkpoint(origin, GgufConfig.of(model), model.metadata(), tensors, release);
  }

  /**
   * The settings.
   *
   * @throws MalformedFileException when a single file was opened and none lie beside it
   */
  public ConfigSource config() {
    if (config == null) {
      throw new MalformedFileException(origin, CONFIG, "none", "a file of this name beside it");
    }
    return config;
  }

  /** A GGUF file's own metadata, which holds its tokenizer; null for other formats. */
  public @Nullable GgufMetadata gguf() {
    return gguf;
  }

  boolean hasConfig() {
    return config != null;
  }

  /** The path that was opened, for messages. */
  public String origin() {
    return origin;
  }

  /** Every tensor, in the order of the files. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** Whether a tensor of this name is stored, of whatever type. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * One tensor, mapped.
   *
   * @throws MalformedFileException when there is none of this name
   * @throws UnsupportedModelException when no kernel reads its type
   */
  public StoredTensor tensor(String name) {
    MappedTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new MalformedFileException(
          origin, name, "absent", "a tensor of this name; the model needs it");
    }
    return tensor.usable();
  }

  /** Bytes of all tensors. */
  public long bytes() {
    return tensors.values().stream().mapToLong(tensor -> tensor.bytes().byteSize()).sum();
  }

  @Override
  public void close() {
    release.run();
  }

  private static Map<String, MappedTensor> mapFolder(Path folder, Arena arena, Limits limits) {
    Path whole = folder.resolve(SINGLE);
    Path index = folder.resolve(ShardIndex.FILE_NAME);
    if (Files.exists(whole)) {
      return map(whole, arena, limits);
    }
    if (Files.exists(index)) {
      return mapShards(folder, ShardIndex.read(index, limits), arena, limits);
    }
    throw new MalformedFileException(
        folder.toString(), "weights", "none", SINGLE + " or " + ShardIndex.FILE_NAME);
  }

  private static Map<String, MappedTensor> mapShards(
      Path folder, ShardIndex index, Arena arena, Limits limits) {
    Map<String, MappedTensor> all = new LinkedHashMap<>();
    for (String shard : index.shards()) {
      for (MappedTensor tensor : map(folder.resolve(shard), arena, limits).values()) {
        MappedTensor other = all.put(tensor.name(), tensor);
        if (other != null) {
          throw new MalformedFileException(
              tensor.file(), tensor.name(), "also in " + other.file(), "one place for each tensor");
        }
      }
      if (all.size() > limits.tensors()) {
        throw new MalformedFileException(
            index.file(), "tensors", "more", "at most " + limits.tensors());
      }
    }
    index.shardOf().forEach((name, shard) -> requireThere(index, name, shard, all));
    return all;
  }

  private static void requireThere(
      ShardIndex index, String name, String shard, Map<String, MappedTensor> all) {
    MappedTensor tensor = all.get(name);
    if (tensor == null || !Path.of(tensor.file()).endsWith(shard)) {
      String found = tensor == null ? "no such tensor" : "it in " + tensor.file();
      throw new MalformedFileException(
          index.file(), "weight_map." + Shown.key(name), found, "the tensor in " + shard);
    }
  }

  private static Map<String, MappedTensor> map(Path file, Arena arena, Limits limits) {
    return Safetensors.read(bytes(file, arena), file.toString(), limits);
  }

  static MemorySegment bytes(Path file, Arena arena) {
    String name = file.toString();
    if (!Files.isRegularFile(file)) { // a pipe or a device cannot be mapped
      throw new MalformedFileException(name, "file", "none", "a readable file of weights");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be mapped", e);
    }
  }
}
