package dev.akvavit;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.model.ParameterCount;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.plan.CapacityPlanner;
import dev.akvavit.plan.CompressedShape;
import dev.akvavit.plan.Machine;
import dev.akvavit.plan.Parameters;
import dev.akvavit.plan.PlanReport;
import dev.akvavit.plan.PlannedModel;
import dev.akvavit.plan.Scenario;
import dev.akvavit.plan.WeightType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A model to plan for, from whatever there is of it: the name of a {@link Shapes shape}, a {@code
 * config.json}, or a folder with or without weights. No weights are read.
 *
 * @param model its config, its parameters, and the bytes of its files
 * @param weights how it was released, as far as its config says
 */
public record Planning(PlannedModel model, WeightType weights) {

  /**
   * Finds a model.
   *
   * @param what a shape's name, a {@code config.json}, a folder that holds one, or a {@code .gguf}
   * @throws IllegalArgumentException when there is neither a shape nor a file of this name
   * @throws dev.akvavit.core.MalformedFileException when the config breaks its format
   * @throws dev.akvavit.core.UnsupportedModelException when this engine would compute the model
   *     wrongly
   */
  public static Planning of(String what, IndexPrecision precision) {
    Path path = Path.of(what);
    if (Files.isDirectory(path)) {
      return ofFolder(path, precision);
    }
    if (what.endsWith(".gguf") && Files.isRegularFile(path)) {
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        return of(checkpoint.config(), name(path), checkpoint.bytes(), precision);
      }
    }
    if (Files.isRegularFile(path)) {
      return of(JsonConfig.read(path, Limits.DEFAULT), what, 0, precision);
    }
    if (Shapes.plannedNames().contains(what)) {
      return of(Shapes.config(what, Shapes.plannedNames()), what, 0, precision);
    }
    throw new IllegalArgumentException(
        "model: found "
            + what
            + ", allowed: a folder, a config.json, a .gguf file, or one of "
            + String.join(", ", Shapes.plannedNames()));
  }

  /**
   * A well-known shape, whatever lies in the working folder.
   *
   * @throws IllegalArgumentException naming the shapes there are
   */
  public static Planning ofShape(String name) {
    return of(Shapes.config(name, Shapes.plannedNames()), name, 0, IndexPrecision.EXACT);
  }

  private static Planning ofFolder(Path folder, IndexPrecision precision) {
    String name = name(folder);
    if (!hasWeights(folder)) {
      Path config = folder.resolve(Checkpoint.CONFIG);
      return of(JsonConfig.read(config, Limits.DEFAULT), name, 0, precision);
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return of(checkpoint.config(), name, checkpoint.bytes(), precision);
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.toAbsolutePath().normalize().getFileName());
  }

  private static boolean hasWeights(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(f -> f.toString().endsWith(".safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Planning of(
      ConfigSource source, String name, long storedBytes, IndexPrecision precision) {
    if (CompressedConfig.isOf(source)) {
      CompressedShape shape = CompressedConfig.read(source);
      return new Planning(
          new PlannedModel(name, shape, shape.parameters(), storedBytes), releasedAs(source));
    }
    ModelConfig config = Architectures.configure(source, precision);
    ParameterCount p = ParameterCount.of(config, Architectures.of(source));
    Parameters parameters =
        new Parameters(
            p.embedding(), p.attention(), p.dense(), p.shared(), p.routed(), p.activeRouted());
    return new Planning(
        new PlannedModel(name, config, parameters, storedBytes), releasedAs(source));
  }

  private static WeightType releasedAs(ConfigSource source) {
    if (source.has("quantization_config")
        && source.section("quantization_config").text("quant_method", "").equals("fp8")) {
      return source.text("expert_dtype", "").equals("fp4") ? WeightType.FP4 : WeightType.FP8;
    }
    String dtype = source.text("dtype", source.text("torch_dtype", "bfloat16"));
    return dtype.equals("float32") ? WeightType.F32 : WeightType.BF16;
  }

  /** The same model with weights of a given type instead of those in its files. */
  public Planning withWeights(WeightType type) {
    return new Planning(model.withoutFiles(), type);
  }

  /**
   * What is asked of a machine, with the pages and steps of this engine.
   *
   * @param context tokens; 0 for the model's own, at most {@link ModelOptions#USUAL_CONTEXT}
   * @throws IllegalArgumentException when the model has no such context
   */
  public Scenario scenario(int users, int context, int sharedPrefix, CacheTypes cacheTypes) {
    int most = model.shape().maxPositions();
    if (context < 0 || context > most) {
      throw new IllegalArgumentException(
          "context: found "
              + context
              + ", allowed: up to "
              + most
              + ", the model's max_position_embeddings");
    }
    return new Scenario(
        users,
        context == 0 ? Math.min(most, ModelOptions.USUAL_CONTEXT) : context,
        sharedPrefix,
        cacheTypes,
        weights,
        ModelRunner.PAGE_SIZE,
        ModelOptions.DEFAULT.maxTokensPerStep());
  }

  /** What a scenario needs, and what the machine would hold. */
  public PlanReport report(Machine machine, Scenario scenario) {
    return PlanReport.of(new CapacityPlanner(model, machine), scenario);
  }
}
