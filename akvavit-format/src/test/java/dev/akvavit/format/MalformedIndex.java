package dev.akvavit.format;

import java.util.Random;
import java.util.function.Function;

/**
 * Ways in which well-formed JSON can be a wrong index of shards {@code a}, with {@code x} and
 * {@code y}, and {@code b}, with {@code z}.
 */
enum MalformedIndex {
  MAP_ABSENT(r -> "{\"metadata\": {\"total_size\": 12}}"),
  MAP_NULL(map("null")),
  MAP_AN_ARRAY(map("[\"a.safetensors\"]")),
  MAP_A_STRING(map("\"a.safetensors\"")),
  MAP_EMPTY(map("{}")),
  MAP_TOO_LARGE(r -> many(101)),
  SHARD_A_NUMBER(shard("7")),
  SHARD_NULL(shard("null")),
  SHARD_AN_ARRAY(shard("[\"a.safetensors\"]")),
  SHARD_AN_OBJECT(shard("{}")),
  SHARD_EMPTY(shard("\"\"")),
  SHARD_ONLY_A_SUFFIX(shard("\".safetensors\"")),
  SHARD_THE_FOLDER(shard("\".\"")),
  SHARD_THE_PARENT(shard("\"..\"")),
  SHARD_IN_THE_PARENT(shard("\"../a.safetensors\"")),
  SHARD_IN_THE_PARENT_BY_BACKSLASH(shard("\"..\\\\a.safetensors\"")),
  SHARD_IN_A_FOLDER(shard("\"sub/a.safetensors\"")),
  SHARD_BY_A_DETOUR(shard("\"sub/../a.safetensors\"")),
  SHARD_WITH_DOT(shard("\"./a.safetensors\"")),
  SHARD_ABSOLUTE(shard("\"/a.safetensors\"")),
  SHARD_ON_A_DRIVE(shard("\"C:a.safetensors\"")),
  SHARD_A_STREAM(shard("\"a.safetensors:x.safetensors\"")),
  SHARD_A_URL(shard("\"http://localhost/a.safetensors\"")),
  SHARD_WITH_NUL(shard("\"a.safetensors\\u0000.safetensors\"")),
  SHARD_WITH_LINE_FEED(shard("\"a\\n.safetensors\"")),
  SHARD_WITH_SPACE(shard("\" a.safetensors\"")),
  SHARD_HIDDEN(shard("\".a.safetensors\"")),
  SHARD_NOT_ASCII(shard("\"\u0430.safetensors\"")),
  SHARD_PICKLED(shard("\"pytorch_model.bin\"")),
  SHARD_WITH_OTHER_SUFFIX(shard("\"a.safetensors.json\"")),
  SHARD_IN_CAPITALS(shard("\"a.SAFETENSORS\"")),
  SHARD_NAME_TOO_LONG(shard('"' + "a".repeat(300) + ".safetensors\"")),
  SHARD_ABSENT(r -> index("c" + r.nextInt(99) + ".safetensors", "b.safetensors", "z")),
  SHARD_A_DIRECTORY(r -> index("folder.safetensors", "b.safetensors", "z")),
  SHARD_DAMAGED(r -> index("damaged.safetensors", "b.safetensors", "z")),
  SHARD_EMPTY_FILE(r -> index("empty.safetensors", "b.safetensors", "z")),
  SHARD_REPEATS_A_TENSOR(r -> index("a.safetensors", "copy.safetensors", "y")),
  TENSOR_IN_NO_SHARD(r -> index("a.safetensors", "b.safetensors", "w" + r.nextInt(99))),
  TENSOR_IN_THE_OTHER_SHARD(r -> index("b.safetensors", "a.safetensors", "z")),
  TENSOR_NAMED_TWICE(r -> index("a.safetensors", "b.safetensors", "x")),
  TENSOR_WITH_EMPTY_NAME(r -> index("a.safetensors", "b.safetensors", ""));

  private final Function<Random, String> make;

  MalformedIndex(Function<Random, String> make) {
    this.make = make;
  }

  String make(long seed) {
    return make.apply(new Random(seed));
  }

  /** Names {@code x} in one shard and another tensor in the other. */
  static String index(String shardOfX, String shardOfOther, String other) {
    return "{\"weight_map\": {\"x\": \"%s\", \"%s\": \"%s\"}}"
        .formatted(shardOfX, other, shardOfOther);
  }

  private static Function<Random, String> map(String map) {
    return random -> JsonDraft.object(random, "\"weight_map\": " + map);
  }

  private static Function<Random, String> shard(String shard) {
    return random -> {
      String bad = "\"y\": " + shard;
      String good = "\"x\": \"a.safetensors\"";
      String map = random.nextBoolean() ? bad + ", " + good : good + ", " + bad;
      return JsonDraft.object(random, "\"weight_map\": {" + map + "}");
    };
  }

  private static String many(int count) {
    StringBuilder map = new StringBuilder("{\"weight_map\": {");
    for (int i = 0; i < count; i++) {
      map.append(i == 0 ? "" : ", ").append("\"").append(i).append("\": \"a.safetensors\"");
    }
    return map.append("}}").toString();
  }
}
