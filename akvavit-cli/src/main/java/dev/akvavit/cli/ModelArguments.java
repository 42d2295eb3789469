package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelOptions;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model, and how it is opened: the options that all commands with a model share. */
final class ModelArguments {
  /** Types that rows of the cache may have. */
  enum CacheType {
    F32,
    BF16
  }

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description =
          "Folder with config.json, tokenizer.json and safetensors. Default: the model shipped with"
              + " akvavit.")
  private @Nullable Path folder;

  @Mixin private ComputeArguments compute = new ComputeArguments();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of prompt and answer together. Default: the model's own, at most 8192.")
  private int context;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Type of cached rows: f32 or bf16 (half the memory). Default: f32.")
  private CacheType kvType = CacheType.F32;

  @Option(
      names = "--index-precision",
      paramLabel = "TYPE",
      defaultValue = "exact",
      description = "How a lightning indexer keeps its keys: exact or f8. Default: exact.")
  private IndexPrecision indexPrecision = IndexPrecision.EXACT;

  /** The folder asked for, which exists. */
  Path folder() {
    if (folder == null) {
      return DefaultModel.folder();
    }
    if (!Files.isDirectory(folder)) {
      throw new CommandException(
          "-m: found "
              + folder
              + ", "
              + (Files.exists(folder) ? "a file" : "which does not exist")
              + "; allowed: a folder with config.json, tokenizer.json and safetensors");
    }
    return folder;
  }

  /** What people call the model. */
  String name() {
    return folder == null
        ? DefaultModel.NAME
        : folder.toAbsolutePath().normalize().getFileName().toString();
  }

  boolean isDefault() {
    return folder == null;
  }

  /** As given on the command line; values out of range are wrong usage. */
  ModelOptions options() {
    try {
      return compute
          .over(ModelOptions.DEFAULT)
          .withContext(context)
          .withCacheType(kvType == CacheType.BF16 ? DType.BF16 : DType.F32)
          .withIndexPrecision(indexPrecision);
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  LanguageModel open(Screen screen) {
    return open(screen, options());
  }

  LanguageModel open(Screen screen, ModelOptions options) {
    Path chosen = folder();
    try (Progress _ = Progress.show(screen, "loading " + name())) {
      return LanguageModel.open(chosen, options);
    }
  }

  private RuntimeException wrongUsage(IllegalArgumentException e) {
    return command == null
        ? e
        : new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
  }
}
