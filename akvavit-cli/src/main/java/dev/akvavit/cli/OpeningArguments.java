package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How models are opened, one or several, and fetched where they are not here. */
final class OpeningArguments {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Mixin private HubArguments hub = new HubArguments();

  @Mixin private ComputeArguments compute = new ComputeArguments();

  @Mixin private CacheArguments cache = new CacheArguments();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of prompt and answer together. Default: the model's own, at most 8192.")
  private int context;

  HubArguments hub() {
    return hub;
  }

  /** As given on the command line, and then changed; values out of range are wrong usage. */
  ModelOptions options(UnaryOperator<ModelOptions> change) {
    try {
      return change.apply(cache.over(compute.over(ModelOptions.DEFAULT)).withContext(context));
    } catch (IllegalArgumentException e) {
      throw command == null
          ? e
          : new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
