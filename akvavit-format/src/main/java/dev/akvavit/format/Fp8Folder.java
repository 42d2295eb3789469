package dev.akvavit.format;

import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model's folder once more, with FP8 matrices in blocks: {@link Fp8Export}'s tensors, a config
 * that says so, and every other file as it is. The folder appears under its name when it is whole.
 */
public final class Fp8Folder {
  /** As large as the shards that models are published in. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  private static final Pattern WEIGHTS =
      Pattern.compile(
          ".*\\.(safetensors|safetensors\\.index\\.json|bin|bin\\.index\\.json|pt|pth|gguf|part)");
  private static final String SECTION = "quantization_config";

  private Fp8Folder() {}

  /**
   * Writes a folder.
   *
   * @param checkpoint of a folder in Hugging Face's form
   * @param source that folder
   * @param target a folder that is not there yet
   * @param shardBytes the most bytes of tensors in a file
   * @return bytes of all tensors
   * @throws UnsupportedModelException for GGUF, and for a model without a matrix to narrow
   * @throws IllegalArgumentException when the target is there
   */
  public static long write(
      Checkpoint checkpoint,
      Path source,
      Path target,
      long shardBytes,
      GgufExport.Progress progress) {
    if (checkpoint.gguf() != null || !Files.isDirectory(source)) {
      throw new UnsupportedModelException(
          source.toString(), "as FP8", "a single file", "a folder in Hugging Face's form");
    }
    if (Files.exists(target)) {
      throw new IllegalArgumentException(
          "target: found " + target + ", which exists; allowed: a folder that does not yet");
    }
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      try {
        delete(part);
        Files.createDirectories(part);
        ShardedWriter writer = new ShardedWriter(shardBytes);
        List<String> kept = Fp8Export.announce(checkpoint, writer, progress);
        writer.write(part);
        String config = Files.readString(source.resolve(Checkpoint.CONFIG));
        Files.writeString(part.resolve(Checkpoint.CONFIG), config(config, checkpoint, kept));
        copyOthers(source, part);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        return writer.bytes();
      } finally {
        delete(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(target + " cannot be written", e);
    }
  }

  /** The config with its section on quantisation, which a checkpoint of FP8 has already. */
  private static String config(String config, Checkpoint checkpoint, List<String> kept) {
    if (checkpoint.config().has(SECTION)) {
      return config;
    }
    String names =
        kept.stream().map(n -> new Json.Text(n).toString()).collect(Collectors.joining(", "));
    String section =
        """
        "quantization_config": {
            "activation_scheme": "dynamic",
            "fmt": "e4m3",
            "modules_to_not_convert": [%s],
            "quant_method": "fp8",
            "weight_block_size": [128, 128]
          }\
        """
            .formatted(names);
    String open = config.substring(0, config.lastIndexOf('}')).stripTrailing();
    return open + (open.endsWith("{") ? "\n  " : ",\n  ") + section + "\n}\n";
  }

  private static void copyOthers(Path source, Path to) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(source, Files::isRegularFile)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!WEIGHTS.matcher(name).matches() && !name.equals(Checkpoint.CONFIG)) {
          Files.copy(file, to.resolve(name));
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
