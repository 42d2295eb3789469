package dev.akvavit.format;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a GGUF file says about itself under its own keys; {@link Checkpoint#config} says the same
 * under Hugging Face's. A getter fails, naming file and key, when the key is absent or of another
 * type.
 */
public final class GgufMetadata {
  private final String file;
  private final JsonConfig scalars;
  private final Map<String, GgufArray> arrays;

  GgufMetadata(String file, Map<String, Json> scalars, Map<String, GgufArray> arrays) {
    this.file = file;
    this.scalars = new JsonConfig(new Json.Members(scalars), file);
    this.arrays = arrays;
  }

  /**
   * The metadata of a file, of whatever architecture; its arrays stay mapped as long as they are
   * reachable.
   *
   * @throws MalformedFileException when a rule of the format or a limit is broken
   */
  public static GgufMetadata read(Path file, Limits limits) {
    return Gguf.read(Checkpoint.bytes(file, Arena.ofAuto()), file.toString(), limits).metadata();
  }

  /** The file, for messages. */
  public String file() {
    return file;
  }

  /** Single values; it keeps book of those that nobody read. */
  public ConfigSource values() {
    return scalars;
  }

  /** Whether there is an array of this name. */
  public boolean hasArray(String key) {
    return arrays.containsKey(key);
  }

  /** Elements of an array of strings. */
  public List<String> texts(String key) {
    return array(key).texts();
  }

  /** Elements of an array of 32-bit floats. */
  public float[] floats(String key) {
    return array(key).floats();
  }

  /** Elements of an array of 32-bit integers. */
  public int[] integers(String key) {
    return array(key).integers();
  }

  /** Elements of an array of flags. */
  boolean[] flags(String key) {
    return array(key).flags();
  }

  /** A value with its type, as it lies in a file. */
  byte[] typed(String key) {
    GgufArray array = arrays.get(key);
    return array == null
        ? GgufWriter.typed(Objects.requireNonNull(scalars.json(key), key))
        : GgufWriter.typed(array);
  }

  /** Every key, single values first. */
  Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>(scalars.keys());
    keys.addAll(arrays.keySet());
    return keys;
  }

  Set<String> arrayKeys() {
    return arrays.keySet();
  }

  private GgufArray array(String key) {
    GgufArray array = arrays.get(key);
    if (array == null) {
      throw new MalformedFileException(
          file, key, scalars.has(key) ? "a single value" : "absent", "an array; it is required");
    }
    return array;
  }
}
