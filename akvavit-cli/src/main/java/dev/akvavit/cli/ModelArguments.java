package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.ModelOptions;
import dev.akvavit.defaultmodel.DefaultModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and how it is opened: the options that all commands with a model share. */
final class ModelArguments {
  /** What {@code -m} names, wherever a command has it. */
  static final String MODEL =
      "A .gguf file, a folder with config.json, tokenizer.json and safetensors, or"
          + " owner/name[@revision] of the hub. Default: the model shipped with akvavit.";

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description = MODEL)
  private @Nullable String model;

  private @Nullable Path path;

  @Mixin private OpeningArguments opening = new OpeningArguments();

  /** The folder or GGUF file asked for, which exists; fetched from the hub if it has to be. */
  Path path(Screen screen) {
    if (path == null) {
      path = model == null ? DefaultModel.folder() : opening.hub().model(model, screen);
    }
    return path;
  }

  /** Whether the command line names one. */
  boolean isGiven() {
    return model != null;
  }

  /** What people call the model. */
  String name() {
    return model == null ? DefaultModel.NAME : HubArguments.name(model);
  }

  /** As given on the command line; values out of range are wrong usage. */
  ModelOptions options() {
    return opening.options(given -> given);
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
        .ifPresent(slow -> screen.tell("note: " + slow.what() + "; " + slow.advice()));
    return opened;
  }
}
