package dev.akvavit.format;

import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model's folder with FP8 matrices in blocks: {@link Fp8Export}'s tensors, a config that says so,
 * and every other file of the source, or what stands for them where that is GGUF. The folder
 * appears under its name when it is whole.
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
   * What came out.
   *
   * @param bytes of all tensors
   * @param left tensors of the source that have no place in the folder: they compute nothing here
   */
  public record Written(long bytes, List<String> left) {}

  /** Writes the files of a folder that are about text, for a source that is no folder. */
  @FunctionalInterface
  public interface Text {
    void writeTo(Path folder) throws IOException;
  }

  /**
   * Writes a folder.
   *
   * @param checkpoint of a folder in Hugging Face's form, or of a GGUF file
   * @param source that folder or file
   * @param target a folder that is not there yet
   * @param shardBytes the most bytes of tensors in a file
   * @param text asked for the tokenizer's files when the source is GGUF
   * @throws UnsupportedModelException for a model without a matrix to narrow, a single safetensors
   *     file, and GGUF of a family whose form on the hub is not known here
   * @throws IllegalArgumentException when the target is there
   */
  public static Written write(
      Checkpoint checkpoint,
      Path source,
      Path target,
      long shardBytes,
      GgufExport.Progress progress,
      Text text) {
    boolean gguf = checkpoint.gguf() != null;
    if (!gguf && !Files.isDirectory(source)) {
      throw new UnsupportedModelException(
          source.toString(), "as FP8", "a single safetensors file", "a folder, or a GGUF file");
    }
    if (Files.exists(target)) {
      throw new IllegalArgumentException(
          "target: found " + target + ", which exists; allowed: a folder that does not yet");
    }
    try (Unfinished made = Unfinished.at(target)) {
      String config =
          gguf
              ? PublishedConfig.of(checkpoint)
              : Files.readString(source.resolve(Checkpoint.CONFIG));
      Path part = Files.createDirectories(made.part());
      ShardedWriter writer = new ShardedWriter(shardBytes);
      PublishedTensors tensors = PublishedTensors.of(checkpoint);
      List<String> kept = Fp8Export.announce(checkpoint, tensors, writer, progress);
      writer.write(part);
      Files.writeString(part.resolve(Checkpoint.CONFIG), config(config, checkpoint, kept));
      if (gguf) {
        text.writeTo(part);
      } else {
        copyOthers(source, part);
      }
      made.finish();
      return new Written(writer.bytes(), tensors.left());
    } catch (IOException e) {
      throw Unfinished.failure(target, e);
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
}
