package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model in one GGUF file or in numbered ones: {@code x-00001-of-00003.gguf} and its siblings. The
 * first file's metadata is the model's.
 *
 * @param tensors under GGUF's names
 */
record GgufModel(GgufMetadata metadata, Map<String, MappedTensor> tensors) {
  static final String SUFFIX = ".gguf";

  private static final Pattern SPLIT = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");

  static boolean isNamedSo(Path file) {
    return file.toString().endsWith(SUFFIX);
  }

  /**
   * Opens a file and those that belong to it.
   *
   * @param map how a file becomes bytes
   */
  static GgufModel open(Path path, Function<Path, MemorySegment> map, Limits limits) {
    Gguf first = Gguf.read(map.apply(path), path.toString(), limits);
    Map<String, MappedTensor> tensors = new LinkedHashMap<>();
    add(tensors, first, path.toString());
    Splits splits = Splits.of(first, path);
    for (int i = 1; i < splits.count; i++) {
      Path part = path.resolveSibling(splits.name(i));
      if (!Files.isRegularFile(part)) {
        throw new MalformedFileException(
            path.toString(), "split.count", splits.count + ", but no " + part, "all of its parts");
      }
      Gguf gguf = Gguf.read(map.apply(part), part.toString(), limits);
      Splits.require(gguf, "split.no", i);
      Splits.require(gguf, "split.count", splits.count);
      add(tensors, gguf, part.toString());
    }
    String total = "split.tensors.count";
    if (first.metadata().values().has(total)) {
      Splits.require(first, total, tensors.size());
    }
    return new GgufModel(first.metadata(), tensors);
  }

  /** A model in one file that is in memory already. */
  static GgufModel of(Gguf gguf, String file) {
    Map<String, MappedTensor> tensors = new LinkedHashMap<>();
    add(tensors, gguf, file);
    return new GgufModel(gguf.metadata(), tensors);
  }

  private static void add(Map<String, MappedTensor> tensors, Gguf gguf, String file) {
    gguf.tensors()
        .forEach((name, e) -> {
          var tensor =
              new MappedTensor(
                  name, e.type().name(), e.type().dtype, e.shape(), false, e.bytes(), file);
          MappedTensor other = tensors.put(name, tensor);
          if (other != null) {
            throw twice(tensor, other);
          }
        });
  }

  static MalformedFileException twice(MappedTensor tensor, MappedTensor other) {
    return new MalformedFileException(
        tensor.file(),
        "tensor " + Shown.key(tensor.name()),
        "also in " + other.file(),
        "one place for each tensor");
  }

  /** {@code general.architecture}. */
  String architecture() {
    return metadata.values().text("general.architecture");
  }

  int heads() {
    return metadata.values().integer(architecture() + ".attention.head_count");
  }

  int kvHeads() {
    return metadata.values().integer(architecture() + ".attention.head_count_kv", heads());
  }

  /** Whether the first layer has a tensor of this kind. */
  boolean hasBlock(String part) {
    return tensors.containsKey("blk.0." + part + ".weight");
  }

  @Nullable MappedTensor tensor(String name) {
    return tensors.get(name);
  }

  /** The names of a model's files. */
  private record Splits(String prefix, int count) {
    static Splits of(Gguf first, Path path) {
      int count = first.metadata().values().integer("split.count", 0);
      if (count <= 1) {
        return new Splits("", 1);
      }
      Matcher name = SPLIT.matcher(String.valueOf(path.getFileName()));
      if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
        throw new MalformedFileException(
            path.toString(),
            "split.count",
            count + " in a file of this name",
            String.format("a name that ends in -00001-of-%05d.gguf", count));
      }
      require(first, "split.no", 0);
      return new Splits(name.group(1), count);
    }

    String name(int index) {
      return String.format("%s-%05d-of-%05d.gguf", prefix, index + 1, count);
    }

    static void require(Gguf gguf, String key, int value) {
      int found = gguf.metadata().values().integer(key);
      if (found != value) {
        String allowed =
            key.equals("split.no") && value == 0 ? "0: open the first part" : "" + value;
        throw new MalformedFileException(
            gguf.metadata().file(), key, String.valueOf(found), allowed);
      }
    }
  }
}
