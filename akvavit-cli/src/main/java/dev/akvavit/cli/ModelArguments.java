package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelOptions;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model, and how it is opened: the options that all commands with a model share. */
final class ModelArguments {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description =
          "Folder with config.json, tokenizer.json and safetensors, or owner/name[@revision] of the"
              + " hub. Default: the model shipped with akvavit.")
  private @Nullable String model;

  private @Nullable Path path;

  @Mixin private HubArguments hub = new HubArguments();

  @Mixin private ComputeArguments compute = new ComputeArguments();

  @Mixin private CacheArguments cache = new CacheArguments();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of prompt and answer together. Default: the model's own, at most 8192.")
  private int context;

  /** The folder or GGUF file asked for, which exists; fetched from the hub if it has to be. */
  Path path(Screen screen) {
    if (path == null) {
      path = model == null ? DefaultModel.folder() : hub.model(model, screen);
    }
    return path;
  }

  /** What people call the model. */
  String name() {
    return model == null ? DefaultModel.NAME : HubArguments.name(model);
  }

  /** As given on the command line; values out of range are wrong usage. */
  ModelOptions options() {
    try {
      return cache.over(compute.over(ModelOptions.DEFAULT)).withContext(context);
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  LanguageModel open(Screen screen) {
    return open(screen, options());
  }

  LanguageModel open(Screen screen, ModelOptions options) {
    Path chosen = path(screen);
    LanguageModel opened;
    try (Progress _ = Progress.show(screen, "loading " + name())) {
      opened = LanguageModel.open(chosen, options);
    }
    SlowTypes.of(opened, name())
        .ifPresent(slow -> screen.err().println("note: " + slow.what() + "; " + slow.advice()));
    return opened;
  }

  private RuntimeException wrongUsage(IllegalArgumentException e) {
    return command == null
        ? e
        : new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
  }
}
