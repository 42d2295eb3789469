package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code model.safetensors.index.json}: which file of the folder holds which tensor.
 *
 * @param file the index, for messages
 * @param shardOf file name by tensor name
 */
record ShardIndex(String file, Map<String, String> shardOf) {
  static final String FILE_NAME = "model.safetensors.index.json";

  private static final String SUFFIX = ".safetensors";

  static ShardIndex read(Path path, Limits limits) {
    return of(Json.read(path, limits), path.toString(), limits);
  }

  /**
   * Checks every name: a shard is a plain file name, so that no index reaches out of its folder.
   *
   * @throws MalformedFileException when a rule is broken
   */
  static ShardIndex of(Json json, String file, Limits limits) {
    Map<String, Json> map = members(members(json, file, "document").get("weight_map"), file);
    if (map.isEmpty()) {
      throw new MalformedFileException(file, "weight_map", "no tensor", "at least one");
    }
    if (map.size() > limits.tensors()) {
      throw new MalformedFileException(
          file, "weight_map", map.size() + " tensors", "at most " + limits.tensors());
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    map.forEach((name, shard) -> shardOf.put(name, shardName(name, shard, file)));
    return new ShardIndex(file, Collections.unmodifiableMap(shardOf));
  }

  /** Every file named, each once, in alphabetical order. */
  SortedSet<String> shards() {
    return new TreeSet<>(shardOf.values());
  }

  private static Map<String, Json> members(@Nullable Json json, String file) {
    return members(json, file, "weight_map");
  }

  private static Map<String, Json> members(@Nullable Json json, String file, String field) {
    if (json instanceof Json.Members members) {
      return members.map();
    }
    String found = json == null ? "absent" : Shown.plain(json.toString());
    throw new MalformedFileException(file, field, found, "an object");
  }

  private static String shardName(String tensor, Json shard, String file) {
    if (shard instanceof Json.Text text && isPlain(text.value())) {
      return text.value();
    }
    throw new MalformedFileException(
        file,
        "weight_map." + Shown.key(tensor),
        Shown.plain(shard.toString()),
        "the name of a *" + SUFFIX + " file in the same folder: letters, digits, '-', '_', '.'");
  }

  private static boolean isPlain(String name) {
    return name.length() > SUFFIX.length()
        && name.length() <= 255
        && name.endsWith(SUFFIX)
        && name.charAt(0) != '.'
        && name.chars().allMatch(ShardIndex::isPlain);
  }

  private static boolean isPlain(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_'
        || c == '.';
  }
}
