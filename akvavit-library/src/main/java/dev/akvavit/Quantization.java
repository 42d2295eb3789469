package dev.akvavit;

import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Sampling;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.GgufExport;
import dev.akvavit.format.GgufMetadata;
import dev.akvavit.format.GgufWriter;
import dev.akvavit.format.QuantRecipe;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.template.ChatTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model with fewer bits: a folder of safetensors or a GGUF file becomes one GGUF file, tensor by
 * tensor, with as much memory as a few rows take. The tokenizer goes along.
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
   */
  public record Result(Path file, long bytes, List<Tensor> tensors) {}

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
      GgufWriter writer =
          GgufExport.of(
              checkpoint,
              config,
              recipe,
              (name, stored, bytes, error) -> {
                Tensor tensor = new Tensor(name, stored, bytes, error);
                tensors.add(tensor);
                progress.accept(tensor);
              });
      writer.integer("general.quantization_version", 2);
      GgufMetadata gguf = checkpoint.gguf();
      if (gguf != null) {
        writer.copy(gguf, "tokenizer.").copy(gguf, "general.sampling.");
        writer.copy(gguf, ModelText.HUGGING_FACE_CONFIG);
      } else {
        describe(model, ModelText.of(model, checkpoint), writer);
      }
      writer.write(target);
      return new Result(target, Files.size(target), List.copyOf(tensors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tokenizer's files as they are, and what GGUF has keys for. */
  private static void describe(Path folder, ModelText text, GgufWriter writer) throws IOException {
    writer.text("general.name", String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
    writer.text(ModelText.HUGGING_FACE, Files.readString(folder.resolve("tokenizer.json")));
    Path settings = folder.resolve("tokenizer_config.json");
    if (Files.exists(settings)) {
      writer.text(ModelText.HUGGING_FACE_CONFIG, Files.readString(settings));
    }
    Tokenizer tokenizer = text.tokenizer();
    id(writer, "bos", tokenizer.bos());
    id(writer, "eos", tokenizer.eos());
    List<Integer> others = new ArrayList<>(text.defaults().endTokens());
    others.remove(Integer.valueOf(tokenizer.eos()));
    others.sort(null);
    for (int i = 0; i < Math.min(2, others.size()); i++) {
      id(writer, i == 0 ? "eot" : "eom", others.get(i));
    }
    if (text.chat() instanceof ChatTemplate) {
      ChatTemplate.source(folder).ifPresent(source -> writer.text(ModelText.TEMPLATE, source));
    }
    Sampling sampling = text.defaults().sampling();
    if (!sampling.equals(Sampling.GREEDY)) {
      writer.number("general.sampling.temp", sampling.temperature());
      writer.integer("general.sampling.top_k", sampling.topK());
      writer.number("general.sampling.top_p", sampling.topP());
      writer.number("general.sampling.min_p", sampling.minP());
    }
  }

  private static void id(GgufWriter writer, String role, int id) {
    if (id >= 0) {
      writer.integer("tokenizer.ggml." + role + "_token_id", id);
    }
  }
}
