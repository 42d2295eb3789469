package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the tensors of a checkpoint as one safetensors file, or as several of bounded size with
 * their index.
 */
final class ShardedWriter {
  private final long shardBytes;
  private final List<List<TensorFile.Entry>> shards = new ArrayList<>(List.of(new ArrayList<>()));
  private long held;
  private long total;

  /**
   * @param shardBytes the most bytes of tensors in a file, unless one tensor has more
   */
  ShardedWriter(long shardBytes) {
    this.shardBytes = shardBytes;
  }

  void add(String name, DType dtype, ByteSource source, long... shape) {
    addTogether(TensorFile.Entry.of(name, dtype, source, shape));
  }

  /** Announces tensors that belong into one file. */
  void addTogether(TensorFile.Entry... entries) {
    long bytes = 0;
    for (TensorFile.Entry entry : entries) {
      bytes += entry.byteSize();
    }
    if (held > 0 && held + bytes > shardBytes) {
      shards.add(new ArrayList<>());
      held = 0;
    }
    shards.getLast().addAll(List.of(entries));
    held += bytes;
    total += bytes;
  }

  /** Bytes of all tensors. */
  long bytes() {
    return total;
  }

  /** Writes the files into a folder. */
  void write(Path folder) throws IOException {
    if (shards.size() == 1) {
      write(shards.getFirst(), folder.resolve("model.safetensors"));
      return;
    }
    Map<String, String> index = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      shards.get(i).forEach(entry -> index.put(entry.name(), name));
      write(shards.get(i), folder.resolve(name));
    }
    StringBuilder json = new StringBuilder("{\n  \"metadata\": {\"total_size\": ").append(total);
    json.append("},\n  \"weight_map\": {");
    String separator = "\n";
    for (Map.Entry<String, String> place : index.entrySet()) {
      json.append(separator).append("    ").append(new Json.Text(place.getKey()));
      json.append(": ").append(new Json.Text(place.getValue()));
      separator = ",\n";
    }
    Files.writeString(folder.resolve(ShardIndex.FILE_NAME), json.append("\n  }\n}\n"));
  }

  private static void write(List<TensorFile.Entry> entries, Path file) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    entries.forEach(e -> writer.add(e.name(), e.dtype(), e.source(), e.shape()));
    writer.write(file);
  }
}
