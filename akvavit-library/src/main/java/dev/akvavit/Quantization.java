package dev.akvavit;

import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.Fp8Folder;
import dev.akvavit.format.GgufExport;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.format.GgufWriter;
import dev.akvavit.format.QuantRecipe;
import dev.akvavit.model.arch.Architectures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model with fewer bits: a folder of safetensors or a GGUF file becomes one GGUF file or a folder
 * of FP8, tensor by tensor, with as much memory as a few rows take. The tokenizer goes along.
 */
public final class Quantization {
  /**
   * A tensor of the new file.
   *
   * @param relativeError root of the squared errors over the squared values
   */
  public record Tensor(String name, DType type, long bytes, double relativeError) {}

  /**
   * What came out.
   *
   * @param bytes of the file
   * @param notes what other programs will not make of the file, in words for people
   */
  public record Result(Path file, long bytes, List<Tensor> tensors, List<String> notes) {}

  private Quantization() {}

  /**
   * Writes {@code target}, replacing a file of that name.
   *
   * @param model a folder or a {@code .gguf} file
   * @param type what most matrices get; tables of tokens, MLA's latent and routers stay finer, see
   *     {@link QuantRecipe}
   * @param progress told of each tensor when it is written
   * @throws MalformedFileException when a file of the model is missing or breaks its format
   * @throws dev.akvavit.core.UnsupportedModelException for a model that GGUF has no words for
   * @throws IllegalArgumentException for a type that cannot be written
   */
  public static Result run(Path model, Path target, DType type, Consumer<Tensor> progress) {
    QuantRecipe recipe = new QuantRecipe(type);
    List<Tensor> tensors = new ArrayList<>();
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      GgufWriter writer = GgufExport.of(checkpoint, config, recipe, told(tensors, progress));
      writer.integer("general.quantization_version", 2);
      GgufText text = new GgufText(writer, config.vocabulary());
      GgufMetadata gguf = checkpoint.gguf();
      if (gguf == null) {
        text.describe(model, ModelText.of(model, checkpoint));
      } else {
        text.copy(gguf);
      }
      writer.write(target);
      List<String> notes = new ArrayList<>(GgufExport.notes(config));
      notes.addAll(text.notes());
      return new Result(target, Files.size(target), List.copyOf(tensors), notes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes a folder in Hugging Face's form whose projections and experts are E4M3 with one factor
   * for each 128 x 128 block, as DeepSeek-V3 is published; everything else stays as it is.
   *
   * <p>A GGUF file's settings, tokenizer and way to generate become the folder's files; its tensors
   * get their published names and order.
   *
   * @param model a folder in Hugging Face's form or a {@code .gguf} file
   * @param target a folder that is not there yet
   * @param progress told of each tensor when it is written
   * @throws MalformedFileException when a file of the model is missing or breaks its format
   * @throws dev.akvavit.core.UnsupportedModelException for models without such matrices, and for
   *     GGUF of a family or with a tokenizer whose form there is not known here
   * @throws IllegalArgumentException when the target exists
   */
  public static Result fp8(Path model, Path target, Consumer<Tensor> progress) {
    List<Tensor> tensors = new ArrayList<>();
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      Architectures.configure(checkpoint.config(), IndexPrecision.EXACT); // runs, or is refused
      Fp8Folder.Written written =
          Fp8Folder.write(
              checkpoint,
              model,
              target,
              Fp8Folder.SHARD_BYTES,
              told(tensors, progress),
              folder -> FolderText.write(model, checkpoint, folder));
      return new Result(target, written.bytes(), List.copyOf(tensors), notes(written.left()));
    }
  }

  private static List<String> notes(List<String> left) {
    if (left.isEmpty()) {
      return List.of();
    }
    String named = String.join(", ", left.subList(0, Math.min(3, left.size())));
    String others = left.size() > 3 ? " and " + (left.size() - 3) + " more" : "";
    return List.of("left out, since nothing here computes with it: " + named + others);
  }

  private static GgufExport.Progress told(List<Tensor> tensors, Consumer<Tensor> progress) {
    return (name, stored, bytes, error) -> {
      Tensor tensor = new Tensor(name, stored, bytes, error);
      tensors.add(tensor);
      progress.accept(tensor);
    };
  }
}
